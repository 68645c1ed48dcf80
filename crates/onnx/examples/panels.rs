//! Footnote's own product against ONNX Runtime's: `panels [SPIN]`, with two threads and the library that
//! `FOOTNOTE_ORT_LIBRARY` names.
//!
//! A chain of matrices, 8960 x 1536 and 1536 x 8960 by turns and more of them than fit into caches, for 1, 4, 16 and
//! 256 rows; the forms take turns in one run. Prints milliseconds, GFLOP/s and GB/s, and the processor's own time.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use footnote_model_import::onnx::{
    AttributeProto, DataType, Dim, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use footnote_model_import::panels::{PanelFormat, Scales};
use ort::environment::GlobalThreadPoolOptions;
use ort::session::Session;
use ort::value::Tensor;
use prost::Message;

const SIZES: [usize; 2] = [1536, 8960];
const THREADS: usize = 2;

/// Seconds of processor time that this process has used.
fn processor_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes the structure it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[derive(Clone, Copy, Debug)]
enum Form {
    NBits(usize, usize),
    Split,
    Panels(PanelFormat),
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8))
            .flat_map(|_| self.next().to_le_bytes())
            .take(count)
            .collect()
    }
}

/// A panel matrix with random codes and small scales.
fn panels(random: &mut Random, format: PanelFormat, rows: usize, columns: usize) -> Vec<u8> {
    let mut bytes = random.bytes(format.matrix_bytes(rows, columns));
    for panel in bytes.chunks_exact_mut(format.panel_bytes(columns)) {
        for scales in panel[format.code_bytes(columns)..].chunks_exact_mut(format.scales().bytes()) {
            let halves = match format.scales() {
                Scales::Half | Scales::HalfWithMinimum => 0,
                Scales::SuperWithMinimum | Scales::Super => 256,
            };
            for half in scales[halves..].as_chunks_mut::<2>().0 {
                half[1] = half[1] & 0x80 | 0x04;
            }
        }
    }
    bytes
}

fn tensor(name: &str, data_type: DataType, dims: &[usize], raw: Vec<u8>) -> TensorProto {
    TensorProto {
        dims: dims.iter().map(|dim| *dim as i64).collect(),
        data_type: data_type as i32,
        name: name.into(),
        raw_data: Some(raw),
        ..TensorProto::default()
    }
}

fn model(form: Form, pairs: usize) -> (Vec<u8>, usize) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut graph = GraphProto::default();
    let mut weight_bytes = 0;
    let mut nbits = |graph: &mut GraphProto,
                     random: &mut Random,
                     from: &str,
                     to: &str,
                     k: usize,
                     n: usize,
                     bits: usize,
                     block: usize| {
        let blocks = k.div_ceil(block);
        let scales: Vec<u8> = (0..n * blocks).flat_map(|_| 1e-4f32.to_le_bytes()).collect();
        let parts = [
            tensor(
                &format!("{to}.w"),
                DataType::Uint8,
                &[n, blocks, block * bits / 8],
                random.bytes(n * blocks * block * bits / 8),
            ),
            tensor(&format!("{to}.s"), DataType::Float, &[n, blocks], scales),
            tensor(
                &format!("{to}.z"),
                DataType::Uint8,
                &[n, (blocks * bits).div_ceil(8)],
                random.bytes(n * (blocks * bits).div_ceil(8)),
            ),
        ];
        let mut input = vec![from.to_owned()];
        input.extend(parts.iter().map(|part| part.name.clone()));
        graph.initializer.extend(parts);
        graph.node.push(NodeProto {
            input,
            output: vec![to.into()],
            name: to.into(),
            op_type: "MatMulNBits".into(),
            domain: "com.microsoft".into(),
            attribute: vec![
                AttributeProto::int("K", k as i64),
                AttributeProto::int("N", n as i64),
                AttributeProto::int("bits", bits as i64),
                AttributeProto::int("block_size", block as i64),
                AttributeProto::int("accuracy_level", 4),
            ],
        });
        weight_bytes += n * k * bits / 8 + n * blocks * 8;
    };
    let node = |op: &str, input: &[&str], output: &str, attribute| NodeProto {
        input: input.iter().map(|name| (*name).into()).collect(),
        output: vec![output.into()],
        name: output.into(),
        op_type: op.into(),
        attribute,
        domain: String::new(),
    };
    let ints = |name: &str, values: &[i64]| {
        tensor(
            name,
            DataType::Int64,
            &[values.len()],
            values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        )
    };
    if let Form::Split = form {
        graph.initializer.push(ints("axis", &[-1]));
        for k in SIZES {
            graph
                .initializer
                .push(ints(&format!("shape{k}"), &[0, 0, (k / 32) as i64, 32]));
        }
    }
    let mut last = "x".to_owned();
    let mut panel_bytes = 0;
    for at in 0..2 * pairs {
        let (k, n) = (SIZES[at % 2], SIZES[(at + 1) % 2]);
        let to = format!("y{at}");
        match form {
            Form::NBits(bits, block) => nbits(&mut graph, &mut random, &last, &to, k, n, bits, block),
            Form::Split => {
                nbits(&mut graph, &mut random, &last, &format!("{to}m"), k, n, 4, 32);
                graph.node.push(node(
                    "Reshape",
                    &[&last, &format!("shape{k}")],
                    &format!("{to}b"),
                    vec![],
                ));
                graph.node.push(node(
                    "ReduceSum",
                    &[&format!("{to}b"), "axis"],
                    &format!("{to}s"),
                    vec![AttributeProto::int("keepdims", 0)],
                ));
                let block = if (k / 32).is_multiple_of(32) { 32 } else { 16 };
                nbits(
                    &mut graph,
                    &mut random,
                    &format!("{to}s"),
                    &format!("{to}c"),
                    k / 32,
                    n,
                    8,
                    block,
                );
                graph
                    .node
                    .push(node("Add", &[&format!("{to}m"), &format!("{to}c")], &to, vec![]));
            }
            Form::Panels(format) => {
                let bytes = panels(&mut random, format, n, k);
                panel_bytes += bytes.len();
                graph
                    .initializer
                    .push(tensor(&format!("{to}.w"), DataType::Uint8, &[bytes.len()], bytes));
                let mut made = node(
                    "PanelMultiply",
                    &[&last, &format!("{to}.w")],
                    &to,
                    vec![
                        AttributeProto::int("columns", k as i64),
                        AttributeProto::ints("rows", &[n as i64]),
                        AttributeProto::ints("formats", &[format.number()]),
                    ],
                );
                made.domain = "footnote".into();
                graph.node.push(made);
            }
        }
        last = to;
    }
    graph.name = "chain".into();
    graph.input.push(ValueInfoProto::tensor(
        "x",
        DataType::Float,
        &[Dim::Fixed(1), Dim::Named("rows"), Dim::Fixed(SIZES[0] as u64)],
    ));
    graph.output.push(ValueInfoProto::tensor(
        &last,
        DataType::Float,
        &[Dim::Fixed(1), Dim::Named("rows"), Dim::Fixed(SIZES[0] as u64)],
    ));
    let opset = |domain: &str, version| OperatorSetIdProto {
        domain: domain.into(),
        version,
    };
    let model = ModelProto {
        ir_version: 10,
        producer_name: "bench".into(),
        producer_version: "1".into(),
        graph: Some(graph),
        opset_import: vec![opset("", 21), opset("com.microsoft", 1), opset("footnote", 1)],
    };
    (model.encode_to_vec(), weight_bytes + panel_bytes)
}

fn main() -> ort::Result<()> {
    let spin = std::env::var_os("SPIN").is_some();
    let wanted: Vec<usize> = std::env::args()
        .skip(1)
        .map(|rows| rows.parse().unwrap())
        .collect();
    let wanted = if wanted.is_empty() {
        vec![1, 2, 4, 8, 16, 256]
    } else {
        wanted
    };
    footnote_onnx::never_report();
    let builder = ort::init_from(std::env::var("FOOTNOTE_ORT_LIBRARY").unwrap()).unwrap();
    let pool = GlobalThreadPoolOptions::default()
        .with_intra_threads(THREADS)?
        .with_spin_control(spin)?;
    let environment = builder.with_global_thread_pool(pool).build()?;
    let forms = [
        Form::NBits(8, 128),
        Form::Split,
        Form::NBits(8, 32),
        Form::Panels(PanelFormat::Q4K),
        Form::Panels(PanelFormat::Q6K),
        Form::Panels(PanelFormat::Q5_0),
        Form::Panels(PanelFormat::Q8_0),
    ];
    let pairs = 6;
    let mut sessions = Vec::new();
    for form in forms {
        let (bytes, weights) = model(form, pairs);
        let session = Session::builder(&environment)?
            .with_operators(footnote_onnx::operators::domain(THREADS)?)?
            .commit_from_memory(&bytes)?;
        sessions.push((form, session, weights));
    }
    for rows in wanted {
        let data: Vec<f32> = (0..rows * SIZES[0])
            .map(|at| ((at * 37 % 101) as f32 - 50.0) / 17.0)
            .collect();
        let x = Tensor::from_array(([1, rows, SIZES[0]], data))?;
        let rounds = if rows > 100 { 7 } else { 21 };
        let mut times = vec![Vec::new(); sessions.len()];
        for _ in 0..rounds {
            for ((_, session, _), times) in sessions.iter_mut().zip(&mut times) {
                let (start, used) = (Instant::now(), processor_time());
                session.run(ort::inputs![&x])?;
                times.push((start.elapsed().as_secs_f64(), processor_time() - used));
            }
        }
        let median = |times: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
            let mut times: Vec<f64> = times.iter().map(of).collect();
            times.sort_by(f64::total_cmp);
            (times[times.len() / 2], times[0])
        };
        let base = median(&times[0], |time| time.0).0;
        let base_used = median(&times[0], |time| time.1).0;
        for ((form, _, weights), times) in sessions.iter().zip(&times) {
            let (middle, best) = median(times, |time| time.0);
            let used = median(times, |time| time.1).0;
            let flops = (2 * rows * SIZES[0] * SIZES[1] * 2 * pairs) as f64;
            println!(
                "{rows:4} rows {:20} {:8.2} ms (best {:8.2}), {:6.1} GB/s, {:7.1} GFLOP/s, {:.2} of 8/128's speed; processor {:8.2} ms, {:.2}",
                format!("{form:?}"),
                middle * 1e3,
                best * 1e3,
                *weights as f64 / middle / 1e9,
                flops / middle / 1e9,
                base / middle,
                used * 1e3,
                base_used / used
            );
        }
    }
    Ok(())
}
