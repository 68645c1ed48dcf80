//! Execution providers: which there are, and which one is proved to compute.

use std::fmt;
use std::time::Instant;

use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};
use ort::session::Session;
use ort::value::Tensor;
use serde::{Deserialize, Serialize};

/// An execution provider of ONNX Runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// NVIDIA graphics processors.
    Cuda,
    /// Any graphics processor on Windows.
    DirectMl,
    /// Apple's graphics processor and neural engine.
    CoreMl,
    /// Any graphics processor with Vulkan, Metal or Direct3D 12.
    WebGpu,
    /// The processor itself; always there.
    Cpu,
}

impl Provider {
    /// The providers this platform can have, fastest first; the last is [`Provider::Cpu`].
    pub fn candidates() -> &'static [Self] {
        match std::env::consts::OS {
            "windows" => &[Self::Cuda, Self::DirectMl, Self::WebGpu, Self::Cpu],
            "macos" => &[Self::CoreMl, Self::WebGpu, Self::Cpu],
            _ => &[Self::Cuda, Self::WebGpu, Self::Cpu],
        }
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
            Self::DirectMl => "DirectML",
            Self::CoreMl => "CoreML",
            Self::WebGpu => "WebGPU",
            Self::Cpu => "CPU",
        }
    }

    /// What a session registers; none for the CPU, which every session has.
    pub(crate) fn dispatch(self) -> Option<ExecutionProviderDispatch> {
        let dispatch = match self {
            Self::Cuda => ep::CUDA::default().build(),
            Self::DirectMl => ep::DirectML::default().build(),
            Self::CoreMl => ep::CoreML::default().build(),
            Self::WebGpu => ep::WebGPU::default().build(),
            Self::Cpu => return None,
        };
        Some(dispatch.error_on_failure())
    }

    fn in_library(self) -> bool {
        let available = match self {
            Self::Cuda => ep::CUDA::is_available(),
            Self::DirectMl => ep::DirectML::is_available(),
            Self::CoreMl => ep::CoreML::is_available(),
            Self::WebGpu => ep::WebGPU::is_available(),
            Self::Cpu => Ok(true),
        };
        available.unwrap_or(false)
    }

    /// Looks for what the provider needs of the system, so that its own probing, which may abort the
    /// process in a broken driver, is not reached on machines that cannot have it.
    fn system_lacks(self) -> Option<Lack> {
        if self != Self::WebGpu || !cfg!(target_os = "linux") {
            return None;
        }
        // SAFETY: this is the system's own Vulkan loader; its initialisers have no preconditions.
        if unsafe { libloading::Library::new("libvulkan.so.1") }.is_err() {
            return Some(Lack::NoVulkan);
        }
        let has_node = std::fs::read_dir("/dev/dri").is_ok_and(|nodes| {
            nodes
                .flatten()
                .any(|node| node.file_name().to_string_lossy().starts_with("render"))
        }) || std::path::Path::new("/dev/nvidia0").exists();
        (!has_node).then_some(Lack::NoGraphics)
    }
}

/// Why a provider is not used. `detail` is in the words of the runtime or the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lack", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Lack {
    /// A person switched it off.
    SwitchedOff,
    /// The library of ONNX Runtime does not have it.
    NotInLibrary,
    /// The system has no Vulkan.
    NoVulkan,
    /// The system has no graphics processor.
    NoGraphics,
    /// A library that it stands on was not loaded.
    LibraryNotLoaded { detail: String },
    /// It computed a wrong result.
    Wrong,
    /// It failed.
    Failed { detail: String },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchedOff => f.write_str("switched off in the settings"),
            Self::NotInLibrary => f.write_str("this ONNX Runtime library was built without it"),
            Self::NoVulkan => f.write_str("this system has no Vulkan loader (libvulkan.so.1)"),
            Self::NoGraphics => f.write_str("this system has no graphics processor"),
            Self::LibraryNotLoaded { detail } => write!(f, "a library it needs was not loaded: {detail}"),
            Self::Wrong => f.write_str("it computed a wrong result"),
            Self::Failed { detail } => f.write_str(detail),
        }
    }
}

/// One provider that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which.
    pub provider: Provider,
    /// Why it is not used; none if it computed the known result.
    pub reason: Option<String>,
    /// The same by name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lack: Option<Lack>,
    /// How long the trial took.
    pub millis: u64,
}

/// Which provider was chosen, and what became of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderReport {
    /// The first one that computed the known result.
    pub chosen: Provider,
    /// In the order they were tried.
    pub attempts: Vec<Attempt>,
}

/// Tries the platform's providers in order of speed until one computes a known result.
pub(crate) fn choose_provider(environment: &Environment, force_cpu: bool) -> ProviderReport {
    choose(Provider::candidates(), |provider| {
        if force_cpu && provider != Provider::Cpu {
            Err(Lack::SwitchedOff)
        } else if !provider.in_library() {
            Err(Lack::NotInLibrary)
        } else if let Some(lack) = provider.system_lacks() {
            Err(lack)
        } else {
            prove(environment, provider)
        }
    })
}

/// The first candidate that passes its trial; the CPU if none does, since models say why when they load.
fn choose(candidates: &[Provider], mut trial: impl FnMut(Provider) -> Result<(), Lack>) -> ProviderReport {
    let mut report = ProviderReport {
        chosen: Provider::Cpu,
        attempts: Vec::new(),
    };
    for &provider in candidates {
        let start = Instant::now();
        let lack = trial(provider).err();
        let reason = lack.as_ref().map(Lack::to_string);
        tracing::info!(provider = provider.label(), reason, "execution provider tried");
        let proved = reason.is_none();
        report.attempts.push(Attempt {
            provider,
            reason,
            lack,
            millis: start.elapsed().as_millis() as u64,
        });
        if proved {
            report.chosen = provider;
            break;
        }
    }
    report
}

/// Opens a model on `chosen`, and on the CPU if that refuses; returns where it is, with the refusal's reason.
///
/// # Errors
/// Those of the CPU.
pub(crate) fn open_or_fall_back<T, E>(
    chosen: Provider,
    mut open: impl FnMut(Provider) -> Result<T, E>,
    reason_of: impl Fn(&E) -> String,
) -> Result<(T, Provider, Option<String>), E> {
    let mut reason = None;
    if chosen != Provider::Cpu {
        match open(chosen) {
            Ok(opened) => return Ok((opened, chosen, None)),
            Err(error) => reason = Some(reason_of(&error)),
        }
    }
    Ok((open(Provider::Cpu)?, Provider::Cpu, reason))
}

// The size of the proof's product.
const ROWS: usize = 4;
const INNER: usize = 16;
const COLUMNS: usize = 8;

fn left(row: usize, inner: usize) -> f32 {
    (row as f32 - 1.5) * 0.5 + inner as f32 * 0.25
}

fn right(inner: usize, column: usize) -> f32 {
    ((inner * 3 + column * 5) % 7) as f32 - 3.0
}

fn prove(environment: &Environment, provider: Provider) -> Result<(), Lack> {
    let computed = compute(environment, provider).map_err(|error| plain_reason(error.message()))?;
    let expected = (0..ROWS * COLUMNS).map(|at| {
        (0..INNER)
            .map(|inner| left(at / COLUMNS, inner) * right(inner, at % COLUMNS))
            .sum::<f32>()
    });
    // Half precision is right to about three digits, and some providers compute in it.
    let close = |(got, want): (&f32, f32)| (got - want).abs() <= 0.02 * want.abs().max(1.0);
    if computed.len() == ROWS * COLUMNS && computed.iter().zip(expected).all(close) {
        Ok(())
    } else {
        Err(Lack::Wrong)
    }
}

fn compute(environment: &Environment, provider: Provider) -> ort::Result<Vec<f32>> {
    let mut builder = Session::builder(environment)?;
    if let Some(dispatch) = provider.dispatch() {
        // Without the ban, the CPU would do the work and prove nothing.
        builder = builder
            .with_disable_cpu_fallback()?
            .with_execution_providers([dispatch])?;
    }
    let mut session = builder.commit_from_memory(&proof_model())?;
    let data: Vec<f32> = (0..ROWS * INNER).map(|at| left(at / INNER, at % INNER)).collect();
    let input = Tensor::from_array(([ROWS, INNER], data))?;
    let outputs = session.run(ort::inputs![input])?;
    Ok(outputs["y"].try_extract_tensor::<f32>()?.1.to_vec())
}

/// The part of the runtime's message that a person can use: without source lines and status codes.
fn plain_reason(message: &str) -> Lack {
    let line = message.lines().next().unwrap_or_default();
    let short = |text: &str| text.chars().take(300).collect();
    match line.split_once("with error: ") {
        Some((_, reason)) => Lack::LibraryNotLoaded {
            detail: short(reason),
        },
        None => Lack::Failed {
            detail: short(line.rsplit_once(" : FAIL : ").map_or(line, |(_, reason)| reason)),
        },
    }
}

/// `y = x * w` as an ONNX model, written field by field (numbers are those of onnx.proto3).
fn proof_model() -> Vec<u8> {
    let dimension = |size: usize| message(1, &number(1, size as u64));
    let tensor_type = |rows: usize, columns: usize| {
        let shape = [dimension(rows), dimension(columns)].concat();
        message(1, &[number(1, 1), message(2, &shape)].concat())
    };
    let value = |name: &str, rows, columns| {
        [
            message(1, name.as_bytes()),
            message(2, &tensor_type(rows, columns)),
        ]
        .concat()
    };
    let node = [
        message(1, b"x"),
        message(1, b"w"),
        message(2, b"y"),
        message(3, b"product"),
        message(4, b"MatMul"),
    ]
    .concat();
    let data: Vec<u8> = (0..INNER * COLUMNS)
        .flat_map(|at| right(at / COLUMNS, at % COLUMNS).to_le_bytes())
        .collect();
    let weight = [
        number(1, INNER as u64),
        number(1, COLUMNS as u64),
        number(2, 1),
        message(8, b"w"),
        message(9, &data),
    ]
    .concat();
    let graph = [
        message(1, &node),
        message(2, b"proof"),
        message(5, &weight),
        message(11, &value("x", ROWS, INNER)),
        message(12, &value("y", ROWS, COLUMNS)),
    ]
    .concat();
    [number(1, 8), message(7, &graph), message(8, &number(2, 17))].concat()
}

/// A protobuf field holding a number.
fn number(field: u8, value: u64) -> Vec<u8> {
    let mut bytes = vec![field << 3];
    varint(&mut bytes, value);
    bytes
}

/// A protobuf field holding bytes, a string or a message.
fn message(field: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![field << 3 | 2];
    varint(&mut bytes, content.len() as u64);
    bytes.extend_from_slice(content);
    bytes
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_comes_last_everywhere() {
        assert_eq!(Provider::candidates().last(), Some(&Provider::Cpu));
    }

    #[test]
    fn a_provider_that_refuses_or_computes_wrongly_is_passed_over_with_its_reason() {
        let candidates = [Provider::Cuda, Provider::WebGpu, Provider::Cpu];
        let mut tried = Vec::new();
        let report = choose(&candidates, |provider| {
            tried.push(provider);
            match provider {
                Provider::Cuda => Err(Lack::Failed {
                    detail: "no driver".into(),
                }),
                _ => Ok(()),
            }
        });
        assert_eq!(report.chosen, Provider::WebGpu);
        assert_eq!(tried, [Provider::Cuda, Provider::WebGpu], "the rest is not tried");
        assert_eq!(report.attempts[0].reason.as_deref(), Some("no driver"));
        assert_eq!(report.attempts[1].reason, None);
        let report = choose(&candidates, |_| Err(Lack::Wrong));
        assert_eq!((report.chosen, report.attempts.len()), (Provider::Cpu, 3));
    }

    #[test]
    fn a_model_that_its_provider_refuses_runs_on_the_cpu_with_the_reason() {
        let refusing = |provider| match provider {
            Provider::Cpu => Ok("session"),
            _ => Err("MatMulNBits is not implemented"),
        };
        let placed = open_or_fall_back(Provider::Cuda, refusing, |reason| (*reason).to_owned());
        let reason = Some("MatMulNBits is not implemented".to_owned());
        assert_eq!(placed, Ok(("session", Provider::Cpu, reason)));
        let placed = open_or_fall_back(Provider::Cuda, Ok::<_, String>, String::clone);
        assert_eq!(placed, Ok((Provider::Cuda, Provider::Cuda, None)));
        let placed: Result<((), _, _), _> =
            open_or_fall_back(Provider::Cpu, |_| Err("no file"), |_| String::new());
        assert_eq!(placed, Err("no file"));
    }

    #[test]
    fn reasons_are_for_people() {
        let message = "/src/bridge.cc:1988 Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library \
            /a/libx.so with error: libcudart.so.13: cannot open shared object file";
        assert_eq!(
            plain_reason(message).to_string(),
            "a library it needs was not loaded: libcudart.so.13: cannot open shared object file"
        );
        assert_eq!(
            plain_reason("[E] : 1 : FAIL : no device\nmore").to_string(),
            "no device"
        );
    }

    #[test]
    fn varints_follow_the_wire_format() {
        assert_eq!(number(2, 300), [0x10, 0xac, 0x02]);
        assert_eq!(message(1, b"x"), [0x0a, 1, b'x']);
    }
}
