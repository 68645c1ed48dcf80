//! The trunk of ModernBERT (<https://arxiv.org/abs/2412.13663>): norms before each part, rotary positions,
//! gated feed-forward, and attention that in most layers sees only the neighbourhood.

use super::blocks::{Affine, Blocks, Nonlinearity, Product};
use crate::error::ImportError;
use crate::onnx::DataType;

/// Which tokens a layer's attention sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All of them.
    Full,
    /// Those at most [`Modern::window`] away.
    Local,
}

/// Sizes, options and weight names of a ModernBERT encoder.
#[derive(Clone, Debug)]
pub(crate) struct Modern {
    pub hidden: usize,
    pub heads: usize,
    pub feed_forward: usize,
    pub vocab: usize,
    /// Longest text in tokens.
    pub positions: usize,
    /// Tokens to either side that a local layer sees.
    pub window: usize,
    /// Bases of the rotary frequencies.
    pub full_theta: f64,
    pub local_theta: f64,
    pub activation: Nonlinearity,
    pub words: String,
    pub embedding_norm: Affine,
    pub final_norm: Affine,
    pub layers: Vec<ModernLayer>,
}

/// Weight names of one layer.
#[derive(Clone, Debug)]
pub(crate) struct ModernLayer {
    pub reach: Reach,
    /// Absent in the first layer, whose input is normed already.
    pub attention_norm: Option<Affine>,
    /// Query, key and value in one matrix.
    pub qkv: Affine,
    pub attended: Affine,
    pub feed_norm: Affine,
    /// Input and gate in one matrix.
    pub up: Affine,
    pub down: Affine,
}

impl Reach {
    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Local => "local",
        }
    }
}

impl Modern {
    /// Builds the trunk for texts of up to `max_tokens` and returns the last hidden states.
    pub(crate) fn build(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        max_tokens: usize,
    ) -> Result<String, ImportError> {
        let hidden = self.hidden;
        blocks.inputs(false);
        blocks.linear.graph.ints("zero", &[0])?;
        for reach in [Reach::Full, Reach::Local] {
            if self.layers.iter().any(|layer| layer.reach == reach) {
                self.rotary_tables(blocks, reach, max_tokens)?;
            }
        }
        if self.layers.iter().any(|layer| layer.reach == Reach::Local) {
            self.window_bias(blocks)?;
        }
        blocks.lookup("input_ids", &self.words, self.vocab, hidden, "embedded.words")?;
        let mut stream = blocks.norm("embedded.words", &self.embedding_norm, hidden, "embedded")?;
        let mut down: Option<Product> = None;
        for (number, layer) in self.layers.iter().enumerate() {
            let at = |part: &str| format!("l{number}.{part}");
            // The product of the layer before joins the stream in this layer's first norm.
            let normed = match (down.take(), &layer.attention_norm) {
                (Some(product), Some(norm)) => {
                    let sum = at("stream");
                    let normed =
                        blocks.skip_norm(&product, &stream, norm, hidden, &at("aln.out"), Some(&sum))?;
                    stream = sum;
                    normed
                }
                (Some(product), None) => {
                    let value = blocks.settle(product);
                    stream = blocks.standard("Add", &[&stream, &value], &at("stream"), vec![]);
                    stream.clone()
                }
                (None, Some(norm)) => blocks.norm(&stream, norm, hidden, &at("aln.out"))?,
                (None, None) => stream.clone(),
            };
            let attended = self.attend(blocks, layer, number, &normed)?;
            let sum = at("attended.stream");
            let normed = blocks.skip_norm(
                &attended,
                &stream,
                &layer.feed_norm,
                hidden,
                &at("fln.out"),
                Some(&sum),
            )?;
            stream = sum;
            down = Some(self.feed_forward(blocks, layer, number, &normed)?);
        }
        match down {
            Some(down) => blocks.skip_norm(&down, &stream, &self.final_norm, hidden, "encoded", None),
            None => blocks.norm(&stream, &self.final_norm, hidden, "encoded"),
        }
    }

    fn attend(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        layer: &ModernLayer,
        number: usize,
        input: &str,
    ) -> Result<Product, ImportError> {
        let hidden = self.hidden;
        let at = |part: &str| format!("l{number}.{part}");
        let one = std::slice::from_ref::<Affine>;
        let qkv = blocks.project(input, &at("qkv"), one(&layer.qkv), 3 * hidden, hidden)?;
        // Rotation comes after the bias.
        let qkv = blocks.settle(qkv);
        let [query, key, value] = ["query", "key", "value"].map(at);
        blocks.split(&qkv, &[&query, &key, &value]);
        let reach = layer.reach.name();
        let (cos, sin) = (format!("rotary.{reach}.cos"), format!("rotary.{reach}.sin"));
        let [query, key] = [query, key].map(|part| {
            let rotated = format!("{part}.rotated");
            blocks.contrib("RotaryEmbedding", &[&part, "zero", &cos, &sin], &rotated, vec![])
        });
        let bias = (layer.reach == Reach::Local).then_some("window.bias");
        let attended = blocks.attention([&query, &key, &value], None, bias, self.heads, &at("attended"));
        blocks.project(&attended, &at("ao"), one(&layer.attended), hidden, hidden)
    }

    fn feed_forward(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        layer: &ModernLayer,
        number: usize,
        input: &str,
    ) -> Result<Product, ImportError> {
        let (hidden, width) = (self.hidden, self.feed_forward);
        let at = |part: &str| format!("l{number}.{part}");
        let one = std::slice::from_ref::<Affine>;
        let up = blocks.project(input, &at("fi"), one(&layer.up), 2 * width, hidden)?;
        let up = blocks.settle(up);
        let [value, gate] = ["fi.value", "fi.gate"].map(at);
        blocks.split(&up, &[&value, &gate]);
        let value = Product { value, bias: None };
        let active = blocks.activate(value, self.activation, &at("active"));
        let gated = blocks.standard("Mul", &[&active, &gate], &at("gated"), vec![]);
        blocks.project(&gated, &at("fo"), one(&layer.down), hidden, width)
    }

    /// Cosines and sines `[max_tokens, half a head]` of the angles `position / theta^(2 i / head)`, rounded
    /// where the original rounds: frequencies and angles are float32.
    fn rotary_tables(
        &self,
        blocks: &mut Blocks<'_, '_, '_>,
        reach: Reach,
        max_tokens: usize,
    ) -> Result<(), ImportError> {
        let head = self.hidden / self.heads;
        let theta = match reach {
            Reach::Full => self.full_theta,
            Reach::Local => self.local_theta,
        };
        let frequencies: Vec<f32> = (0..head / 2)
            .map(|pair| theta.powf(-((2 * pair) as f64) / head as f64) as f32)
            .collect();
        let angles: Vec<f32> = (0..max_tokens)
            .flat_map(|position| {
                frequencies
                    .iter()
                    .map(move |frequency| position as f32 * frequency)
            })
            .collect();
        let cos: Vec<f32> = angles
            .iter()
            .map(|angle| f64::from(*angle).cos() as f32)
            .collect();
        let sin: Vec<f32> = angles
            .iter()
            .map(|angle| f64::from(*angle).sin() as f32)
            .collect();
        let (dims, name) = ([max_tokens, head / 2], reach.name());
        let graph = &mut *blocks.linear.graph;
        graph.floats(&format!("rotary.{name}.cos"), &dims, &cos)?;
        graph.floats(&format!("rotary.{name}.sin"), &dims, &sin)
    }

    /// Biases `[1, 1, seq, seq]`: zero within the window, else so low that the softmax gives zero.
    fn window_bias(&self, blocks: &mut Blocks<'_, '_, '_>) -> Result<(), ImportError> {
        let graph = &mut *blocks.linear.graph;
        let whole = |value: i64| value.to_le_bytes();
        graph.constant("window.zero", DataType::Int64, &[], &whole(0))?;
        graph.constant("window.one", DataType::Int64, &[], &whole(1))?;
        graph.constant("window.reach", DataType::Int64, &[], &whole(self.window as i64))?;
        graph.floats("window.inside", &[1], &[0.0])?;
        graph.floats("window.outside", &[1], &[-10_000.0])?;
        graph.ints("window.row", &[0, 1, 2])?;
        graph.ints("window.column", &[0, 1, 3])?;
        blocks.standard("Squeeze", &["seq_len"], "window.seq", vec![]);
        let range = ["window.zero", "window.seq", "window.one"];
        blocks.standard("Range", &range, "window.positions", vec![]);
        blocks.standard(
            "Unsqueeze",
            &["window.positions", "window.row"],
            "window.keys",
            vec![],
        );
        blocks.standard(
            "Unsqueeze",
            &["window.positions", "window.column"],
            "window.queries",
            vec![],
        );
        blocks.standard("Sub", &["window.keys", "window.queries"], "window.apart", vec![]);
        blocks.standard("Abs", &["window.apart"], "window.distance", vec![]);
        let near = ["window.distance", "window.reach"];
        blocks.standard("LessOrEqual", &near, "window.near", vec![]);
        let either = ["window.near", "window.inside", "window.outside"];
        blocks.standard("Where", &either, "window.bias", vec![]);
        Ok(())
    }
}
