//! In which form this machine computes generators fastest: found out by computing.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use footnote_core::{Error, Result};
use footnote_model_import::onnx::{
    AttributeProto, DataType, Dim, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use footnote_model_import::panels::{DOMAIN, DOMAIN_VERSION, MULTIPLY, PanelFormat};
use footnote_model_import::{Operators, Profile};
use ort::session::Session;
use ort::value::Tensor;
use prost::Message;
use serde::{Deserialize, Serialize};

use crate::errors::from_ort;
use crate::provider::{Attempt, Provider};

/// The form in which a GGUF file is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratorForm {
    /// How exact the weights are where their types have no panels.
    pub profile: Profile,
    /// Whose operators multiply.
    pub operators: Operators,
}

impl GeneratorForm {
    /// Footnote's own operators: every code of the file, at the file's size.
    pub const PANELS: Self = Self {
        profile: Profile::Exact,
        operators: Operators::Panels,
    };
    /// ONNX Runtime's operators, with weights of eight bits in large blocks.
    pub const PORTABLE: Self = Self {
        profile: Profile::Fast,
        operators: Operators::Portable,
    };
    /// ONNX Runtime's operators in half precision, with every code of the file, for graphics processors.
    pub const GRAPHICS: Self = Self {
        profile: Profile::Exact,
        operators: Operators::Half,
    };
    /// The same for those that multiply codes of four bits only.
    pub const GRAPHICS_FOUR_BIT: Self = Self {
        profile: Profile::Exact,
        operators: Operators::HalfFourBit,
    };
    /// What is tried on a graphics processor, the smaller one first.
    pub const FOR_GRAPHICS: [Self; 2] = [Self::GRAPHICS, Self::GRAPHICS_FOUR_BIT];
}

/// The form to import a model in, and the one for a model that the graphics processor turns out to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// Tried first.
    pub preferred: GeneratorForm,
    /// Of the processor.
    pub processor: GeneratorForm,
}

impl Forms {
    /// Both with this profile.
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        let with = |form| GeneratorForm { profile, ..form };
        Self {
            preferred: with(self.preferred),
            processor: with(self.processor),
        }
    }
}

impl From<GeneratorForm> for Forms {
    fn from(form: GeneratorForm) -> Self {
        Self {
            preferred: form,
            processor: form,
        }
    }
}

/// What was found out about this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormChoice {
    /// The processor's faster form for a question over passages.
    pub form: GeneratorForm,
    /// Speed of [`GeneratorForm::PANELS`] as a multiple of [`GeneratorForm::PORTABLE`]'s: many tokens at once.
    pub reading: f64,
    /// The same for one token at a time.
    pub writing: f64,
    /// What became of trying the graphics processor on a language model; none where none is in use.
    #[serde(default)]
    pub graphics: Option<Attempt>,
    /// The form that the graphics processor computes; none where it computes none.
    #[serde(default)]
    pub graphics_form: Option<GeneratorForm>,
}

impl FormChoice {
    /// Whether the graphics processor computes generators.
    pub fn on_graphics(&self) -> bool {
        (self.graphics.as_ref()).is_some_and(|attempt| attempt.reason.is_none())
    }

    /// In which forms to import: the graphics processor's first where it computes generators.
    pub fn forms(&self) -> Forms {
        Forms {
            preferred: if self.on_graphics() {
                self.graphics_form.unwrap_or(GeneratorForm::GRAPHICS)
            } else {
                self.form
            },
            processor: self.form,
        }
    }
}

/// Remembers the measurement.
const FILE: &str = "form.json";

#[derive(Serialize, Deserialize)]
struct Remembered {
    /// What the measurement depends on.
    machine: String,
    choice: FormChoice,
}

/// Computes a language model of a form, and says why it is not to be used.
pub(crate) type Trial<'a> = &'a dyn Fn(GeneratorForm) -> Result<()>;

/// The choice for `machine`, this one: as remembered in `cache_dir`, or measured, which takes under a second.
/// `graphics`: the provider in use, if that is not the processor, and a trial of it on a language model of a form.
pub(crate) fn choose(
    cache_dir: &Path,
    machine: &str,
    open: &dyn Fn(&[u8]) -> ort::Result<Session>,
    graphics: Option<(Provider, Trial<'_>)>,
) -> Result<FormChoice> {
    let file = cache_dir.join(FILE);
    let known = fs::read(&file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Remembered>(&bytes).ok());
    if let Some(known) = known.filter(|known| known.machine == machine) {
        return Ok(known.choice);
    }
    let mut choice = measure(open)?;
    if let Some((provider, trial)) = graphics {
        // A driver may end the process. What is remembered until then keeps the next start from trying again.
        choice.graphics = Some(Attempt {
            provider,
            reason: Some("the program ended while a language model was tried on it".into()),
            lack: None,
            millis: 0,
        });
        remember(&file, machine, &choice);
        let start = Instant::now();
        // The reason told is the first one: the second form is there for one lack of one provider.
        let mut refusal = None;
        choice.graphics_form = GeneratorForm::FOR_GRAPHICS.into_iter().find(|form| {
            let refused = trial(*form).err().map(|error| error.message);
            tracing::info!(
                provider = provider.label(),
                ?form,
                refused,
                "a language model was tried"
            );
            let computes = refused.is_none();
            refusal = refusal.take().or(refused);
            computes
        });
        let reason = refusal.filter(|_| choice.graphics_form.is_none());
        choice.graphics = Some(Attempt {
            provider,
            reason,
            lack: None,
            millis: start.elapsed().as_millis() as u64,
        });
    }
    remember(&file, machine, &choice);
    Ok(choice)
}

/// Not remembering costs a measurement at the next start, nothing more.
fn remember(file: &Path, machine: &str, choice: &FormChoice) {
    let remembered = Remembered {
        machine: machine.to_owned(),
        choice: choice.clone(),
    };
    let written = serde_json::to_vec_pretty(&remembered)
        .map_err(std::io::Error::from)
        .and_then(|bytes| {
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, bytes)
        });
    if let Err(error) = written {
        tracing::warn!(%error, "the choice of a generator's form could not be remembered");
    }
}

/// A question over passages reads about a thousand tokens in chunks and writes about a hundred.
const CHUNK: usize = 64;
const CHUNKS: f64 = 16.0;
const WRITTEN: f64 = 100.0;
/// A feed-forward matrix of a model of 1.5 billion weights.
const COLUMNS: usize = 1536;
const ROWS: usize = 8960;

fn measure(open: &dyn Fn(&[u8]) -> ort::Result<Session>) -> Result<FormChoice> {
    let failed = |error| from_ort("measure the forms of a generator", error);
    let mut forms = [
        open(&model(panels())).map_err(failed)?,
        open(&model(portable())).map_err(failed)?,
    ];
    let mut best = [[Duration::MAX; 2]; 2];
    for (which, rows) in [CHUNK, 1].into_iter().enumerate() {
        let data = (0..rows * COLUMNS).map(|at| ((at * 37 % 101) as f32 - 50.0) / 17.0);
        let input = Tensor::from_array(([rows, COLUMNS], data.collect::<Vec<f32>>())).map_err(failed)?;
        // In turns, so that other work on the machine meets both alike.
        for _ in 0..8 {
            for (form, best) in forms.iter_mut().zip(&mut best) {
                let start = Instant::now();
                form.run(ort::inputs![&input]).map_err(failed)?;
                best[which] = best[which].min(start.elapsed());
            }
        }
    }
    let [own, theirs] = best.map(|times| times.map(|time| time.as_secs_f64().max(1e-9)));
    let question = |[reading, writing]: [f64; 2]| CHUNKS * reading + WRITTEN * writing;
    Ok(FormChoice {
        form: if question(own) <= question(theirs) {
            GeneratorForm::PANELS
        } else {
            GeneratorForm::PORTABLE
        },
        reading: theirs[0] / own[0],
        writing: theirs[1] / own[1],
        graphics: None,
        graphics_form: None,
    })
}

/// A product with its constants.
struct Product {
    operator: &'static str,
    domain: &'static str,
    attributes: Vec<AttributeProto>,
    constants: Vec<TensorProto>,
}

fn constant(name: &str, data_type: DataType, dims: &[usize], bytes: Vec<u8>) -> TensorProto {
    TensorProto {
        dims: dims.iter().map(|dim| *dim as i64).collect(),
        data_type: data_type as i32,
        name: name.into(),
        raw_data: Some(bytes),
        ..TensorProto::default()
    }
}

/// Zeros take as long as anything else.
fn panels() -> Product {
    let format = PanelFormat::Q4K;
    let size = format.matrix_bytes(ROWS, COLUMNS);
    Product {
        operator: MULTIPLY,
        domain: DOMAIN,
        attributes: vec![
            AttributeProto::int("columns", COLUMNS as i64),
            AttributeProto::ints("rows", &[ROWS as i64]),
            AttributeProto::ints("formats", &[format.number()]),
        ],
        constants: vec![constant("weights", DataType::Uint8, &[size], vec![0; size])],
    }
}

fn portable() -> Product {
    const BLOCK: usize = 128;
    let blocks = COLUMNS / BLOCK;
    let scales = (0..ROWS * blocks).flat_map(|_| 1e-4f32.to_le_bytes()).collect();
    Product {
        operator: "MatMulNBits",
        domain: "com.microsoft",
        attributes: vec![
            AttributeProto::int("K", COLUMNS as i64),
            AttributeProto::int("N", ROWS as i64),
            AttributeProto::int("bits", 8),
            AttributeProto::int("block_size", BLOCK as i64),
            AttributeProto::int("accuracy_level", 4),
        ],
        constants: vec![
            constant(
                "weights",
                DataType::Uint8,
                &[ROWS, blocks, BLOCK],
                vec![0; ROWS * COLUMNS],
            ),
            constant("scales", DataType::Float, &[ROWS, blocks], scales),
            constant(
                "zeros",
                DataType::Uint8,
                &[ROWS, blocks],
                vec![128; ROWS * blocks],
            ),
        ],
    }
}

fn model(product: Product) -> Vec<u8> {
    let inputs = product.constants.iter().map(|constant| constant.name.clone());
    let shape = |width: usize| [Dim::Named("rows"), Dim::Fixed(width as u64)];
    let graph = GraphProto {
        name: "product".into(),
        node: vec![NodeProto {
            input: std::iter::once("x".to_owned()).chain(inputs).collect(),
            output: vec!["y".into()],
            name: "product".into(),
            op_type: product.operator.into(),
            domain: product.domain.into(),
            attribute: product.attributes,
        }],
        input: vec![ValueInfoProto::tensor("x", DataType::Float, &shape(COLUMNS))],
        output: vec![ValueInfoProto::tensor("y", DataType::Float, &shape(ROWS))],
        initializer: product.constants,
    };
    let opset = |domain: &str, version| OperatorSetIdProto {
        domain: domain.into(),
        version,
    };
    ModelProto {
        ir_version: 10,
        producer_name: env!("CARGO_PKG_NAME").into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(graph),
        opset_import: vec![
            opset("", 21),
            opset("com.microsoft", 1),
            opset(DOMAIN, DOMAIN_VERSION),
        ],
    }
    .encode_to_vec()
}

/// What is taken where nothing could be measured.
pub(crate) fn unmeasured(error: &Error) -> FormChoice {
    tracing::warn!(%error, "the forms of a generator could not be compared");
    FormChoice {
        form: GeneratorForm::PORTABLE,
        reading: 1.0,
        writing: 1.0,
        graphics: None,
        graphics_form: None,
    }
}
