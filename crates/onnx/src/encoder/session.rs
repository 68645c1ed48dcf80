//! An encoder's session, its inputs and its output.

use std::borrow::Cow;
use std::path::Path;

use footnote_core::{Error, ErrorCode, Problem, Result};
use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;

use crate::errors::from_ort;
use crate::runtime::{Runtime, Workload};

/// Token ids of a text or a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub ids: Vec<i64>,
    /// Which text of a pair each token belongs to; empty: all belong to the first.
    pub types: Vec<i64>,
}

impl Row {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// A loaded encoder.
pub(crate) struct EncoderSession {
    session: Session,
    /// The output that is read.
    output: String,
    /// Whether the graph wants to know which text of a pair a token belongs to.
    wants_types: bool,
    pad_token: i64,
}

/// Numbers of a batch.
pub(crate) struct Computed {
    /// One text after another.
    pub values: Vec<f32>,
    /// Tokens a text was padded to.
    pub width: usize,
}

impl EncoderSession {
    /// Loads `graph`, which must have one of `outputs`; the first that it has is read.
    pub(crate) fn load(runtime: &Runtime, graph: &Path, outputs: &[&str], pad_token: i64) -> Result<Self> {
        let (session, _) = runtime.session(graph, Workload::Encoder)?;
        let has = |name: &str| session.outputs().iter().any(|output| output.name() == name);
        let Some(output) = outputs.iter().find(|name| has(name)) else {
            return Err(Error::user(format!(
                "{}: the graph has no output `{}`",
                graph.display(),
                outputs.join("` or `")
            ))
            .code(ErrorCode::Unsupported)
            .problem(Problem::ModelUnsuitable {
                detail: format!("the graph has no output `{}`", outputs.join("` or `")),
            })
            .hint("Choose a model from `footnote models list`, or import this one's own files"));
        };
        let output = (*output).to_owned();
        let wants_types = session
            .inputs()
            .iter()
            .any(|input| input.name() == "token_type_ids");
        Ok(Self {
            session,
            output,
            wants_types,
            pad_token,
        })
    }

    /// Name of the output that is read.
    pub(crate) fn output(&self) -> &str {
        &self.output
    }

    /// Runs the rows as one batch, padded to the longest.
    pub(crate) fn run(&mut self, rows: &[Row]) -> Result<Computed> {
        let fail = |error: ort::Error| from_ort("run the encoder", error);
        let width = rows.iter().map(Row::len).max().unwrap_or(0);
        if width == 0 {
            return Err(Error::bug("A text without a single token was to be encoded"));
        }
        let room = rows.len() * width;
        let (mut ids, mut mask) = (Vec::with_capacity(room), Vec::with_capacity(room));
        for (number, row) in rows.iter().enumerate() {
            let end = (number + 1) * width;
            ids.extend_from_slice(&row.ids);
            ids.resize(end, self.pad_token);
            mask.resize(number * width + row.len(), 1_i64);
            mask.resize(end, 0);
        }
        let tensor = |data: Vec<i64>| Tensor::from_array(([rows.len(), width], data)).map_err(fail);
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = vec![
            ("input_ids".into(), tensor(ids)?.into()),
            ("attention_mask".into(), tensor(mask)?.into()),
        ];
        if self.wants_types {
            let mut types = Vec::with_capacity(room);
            for (number, row) in rows.iter().enumerate() {
                types.extend_from_slice(&row.types);
                types.resize((number + 1) * width, 0);
            }
            inputs.push(("token_type_ids".into(), tensor(types)?.into()));
        }
        let outputs = self.session.run(inputs).map_err(fail)?;
        let (_, values) = outputs[self.output.as_str()]
            .try_extract_tensor::<f32>()
            .map_err(fail)?;
        Ok(Computed {
            values: values.to_vec(),
            width,
        })
    }
}
