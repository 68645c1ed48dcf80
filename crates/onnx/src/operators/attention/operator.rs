//! The operator as ONNX Runtime sees it.

use footnote_model_import::attention::{ATTENTION, KEY_BLOCK, LARGEST_HEAD};
use ort::operator::{
    ComputeContext, Kernel, KernelContext, Operator, OperatorDomain, OperatorInput, OperatorOutput,
};
use ort::value::TensorElementType;

use super::step::{Attention, Rows, Spec, Step, Tables};
use crate::operators::processor::InstructionSet;
use crate::operators::{in_parallel, invalid, missing, number};

/// Places of the inputs.
const QUERY: usize = 0;
const KEY: usize = 1;
const VALUE: usize = 2;
const PAST: [usize; 2] = [3, 4];
const LENGTH: usize = 5;
const TABLES: [usize; 2] = [6, 7];

/// Adds the operator to a domain, for a session whose pool has `threads` threads.
pub(in crate::operators) fn add(domain: OperatorDomain, threads: usize) -> ort::Result<OperatorDomain> {
    domain.add(GroupedAttention { threads })
}

/// [`ATTENTION`].
struct GroupedAttention {
    threads: usize,
}

impl Operator for GroupedAttention {
    type Kernel<'attr> = AttentionKernel;

    fn name(&self) -> &str {
        ATTENTION
    }

    fn inputs(&self) -> impl IntoIterator<Item = OperatorInput> {
        use TensorElementType::{Float32, Int32};
        [
            OperatorInput::required(Float32),
            OperatorInput::optional(Float32),
            OperatorInput::optional(Float32),
            OperatorInput::required(Float32),
            OperatorInput::required(Float32),
            OperatorInput::required(Int32),
            OperatorInput::optional(Float32),
            OperatorInput::optional(Float32),
        ]
    }

    fn outputs(&self) -> impl IntoIterator<Item = OperatorOutput> {
        [const { OperatorOutput::required(TensorElementType::Float32) }; 3]
    }

    fn create_kernel<'attr>(&self, context: &KernelContext<'attr>) -> ort::Result<Self::Kernel<'attr>> {
        let float = |name: &str| {
            context
                .get::<f32>(name)
                .ok_or_else(|| invalid(format_args!("the attribute {name} is missing")))
        };
        let count =
            |name: &str| Ok::<_, ort::Error>(usize::try_from(number(context, name)?).unwrap_or_default());
        let (cap, window) = (float("cap")?, count("window")?);
        let spec = Spec {
            heads: count("heads")?,
            kv_heads: count("kv_heads")?,
            scale: float("scale")?,
            adjacent: number(context, "adjacent")? == 1,
            window: (window > 0).then_some(window),
            cap: (cap > 0.0).then_some(cap),
        };
        if spec.kv_heads == 0 || spec.heads == 0 || !spec.heads.is_multiple_of(spec.kv_heads) {
            return Err(invalid("heads must be a multiple of those they share"));
        }
        Ok(AttentionKernel(Attention::new(
            spec,
            InstructionSet::best(),
            self.threads,
        )))
    }
}

/// The kernel of [`GroupedAttention`].
struct AttentionKernel(Attention);

impl Kernel for AttentionKernel {
    fn compute(&mut self, context: &ComputeContext) -> ort::Result<()> {
        let spec = self.0.spec;
        let inputs = context.num_inputs()?;
        let optional = |at: usize| if at < inputs { context.input(at) } else { Ok(None) };
        let query = context.input(QUERY)?.ok_or_else(missing)?;
        let (key, value) = (optional(KEY)?, optional(VALUE)?);
        let length = context.input(LENGTH)?.ok_or_else(missing)?;
        let (cos, sin) = (optional(TABLES[0])?, optional(TABLES[1])?);
        let [keys, values] = [0, 1].map(|part| cache(context, part));
        let (keys, values) = (keys?, values?);

        let (shape, query) = query.try_extract_tensor::<f32>()?;
        let (_, length) = length.try_extract_tensor::<i32>()?;
        let &[1, rows, _] = &shape[..] else {
            return Err(invalid("one sequence at a time"));
        };
        let rows = usize::try_from(rows).unwrap_or_default();
        let &[1, heads, capacity, size] = &keys.shape[..] else {
            return Err(invalid("a cache has four dimensions"));
        };
        let [heads, capacity, size] =
            [heads, capacity, size].map(|dim| usize::try_from(dim).unwrap_or_default());
        let length = usize::try_from(length.first().copied().unwrap_or_default()).unwrap_or_default();
        if heads != spec.kv_heads || size == 0 || size > LARGEST_HEAD || keys.shape != values.shape {
            return Err(invalid(format_args!("a cache of the shape {:?}", keys.shape)));
        }
        if length > capacity || length < rows || rows == 0 || !capacity.is_multiple_of(KEY_BLOCK) {
            return Err(invalid(format_args!(
                "{rows} rows to make a sequence of {length} in a cache of {capacity}"
            )));
        }

        let (wide, narrow) = (spec.heads * size, spec.kv_heads * size);
        let key = key
            .as_ref()
            .map(|key| key.try_extract_tensor::<f32>())
            .transpose()?;
        let value = value
            .as_ref()
            .map(|value| value.try_extract_tensor::<f32>())
            .transpose()?;
        let alone = |data, width| Rows {
            data,
            stride: width,
            offset: 0,
        };
        let (query, key, value) = match (key, value) {
            (Some((_, key)), Some((_, value))) => {
                (alone(query, wide), alone(key, narrow), alone(value, narrow))
            }
            _ => {
                let packed = |offset| Rows {
                    data: query,
                    stride: wide + 2 * narrow,
                    offset,
                };
                (packed(0), packed(wide), packed(wide + narrow))
            }
        };
        if [query, key, value]
            .iter()
            .any(|part| part.data.len() != rows * part.stride)
        {
            return Err(invalid("queries, keys and values of other widths"));
        }
        let tables = match (&cos, &sin) {
            (Some(cos), Some(sin)) => {
                let (cos, sin) = (cos.try_extract_tensor::<f32>()?, sin.try_extract_tensor::<f32>()?);
                let pairs = cos.0.last().copied().unwrap_or_default();
                Some(Tables {
                    cos: cos.1,
                    sin: sin.1,
                    pairs: usize::try_from(pairs).unwrap_or_default(),
                })
            }
            _ => None,
        };
        if tables.is_some_and(|tables| {
            let needed = length * tables.pairs;
            2 * tables.pairs > size || tables.cos.len() < needed || tables.sin.len() < needed
        }) {
            return Err(invalid(format_args!(
                "rotary tables for fewer than {length} positions"
            )));
        }

        let mut output = context
            .output(0, [1, rows as i64, wide as i64])?
            .ok_or_else(missing)?;
        let (_, output) = output.try_extract_tensor_mut::<f32>()?;
        let queries = self
            .0
            .queries(rows, size)
            .map_err(|error| invalid(format_args!("out of memory for {rows} rows: {error}")))?;
        let step = Step {
            spec: &spec,
            size,
            rows,
            start: length - rows,
            capacity,
            query,
            key,
            value,
            tables,
            keys: keys.data,
            values: values.data,
            queries,
            output: output.as_mut_ptr(),
        };
        let parallel = |count: usize, work: &(dyn Fn(usize) + Sync)| in_parallel(context, count, work);
        // SAFETY: all sizes were checked against each other above.
        unsafe { self.0.compute(&step, &parallel) }
    }
}

/// A cache after the step.
struct Cache {
    data: *mut f32,
    shape: Vec<i64>,
}

/// The output of keys (0) or values (1), with what the input of the same shape has. Mostly they are one buffer, so
/// neither is held as a slice.
fn cache(context: &ComputeContext, part: usize) -> ort::Result<Cache> {
    let past = context.input(PAST[part])?.ok_or_else(missing)?;
    let (shape, before) = past.try_extract_tensor::<f32>()?;
    let shape = shape.to_vec();
    let (before, len) = (before.as_ptr(), before.len());
    let mut present = context.output(1 + part, shape.clone())?.ok_or_else(missing)?;
    let data = present.try_extract_tensor_mut::<f32>()?.1.as_mut_ptr();
    if !std::ptr::eq(before, data) {
        // SAFETY: both have the shape, and separate outputs do not overlap inputs.
        unsafe { data.copy_from_nonoverlapping(before, len) };
    }
    Ok(Cache { data, shape })
}
