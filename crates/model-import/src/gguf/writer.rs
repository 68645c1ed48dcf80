//! Writes small GGUF files for tests.

/// A metadata value as the writer takes it.
pub(crate) enum Entry<'a> {
    U32(u32),
    F32(f32),
    Bool(bool),
    Str(&'a str),
    Strs(Vec<String>),
    I32s(Vec<i32>),
}

/// Collects entries and tensors, then lays them out.
#[derive(Default)]
pub(crate) struct GgufWriter {
    entries: Vec<u8>,
    entry_count: u64,
    table: Vec<u8>,
    tensor_count: u64,
    data: Vec<u8>,
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

impl GgufWriter {
    pub(crate) fn entry(&mut self, key: &str, value: Entry<'_>) -> &mut Self {
        let out = &mut self.entries;
        string(out, key);
        let kind = |out: &mut Vec<u8>, number: u32| out.extend(number.to_le_bytes());
        match value {
            Entry::U32(value) => {
                kind(out, 4);
                out.extend(value.to_le_bytes());
            }
            Entry::F32(value) => {
                kind(out, 6);
                out.extend(value.to_le_bytes());
            }
            Entry::Bool(value) => {
                kind(out, 7);
                out.push(u8::from(value));
            }
            Entry::Str(value) => {
                kind(out, 8);
                string(out, value);
            }
            Entry::Strs(items) => {
                kind(out, 9);
                kind(out, 8);
                out.extend((items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| string(out, item));
            }
            Entry::I32s(items) => {
                kind(out, 9);
                kind(out, 5);
                out.extend((items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| out.extend(item.to_le_bytes()));
            }
        }
        self.entry_count += 1;
        self
    }

    /// Adds a tensor; `dims` has the fastest running dimension first, `raw_type` is ggml's number.
    pub(crate) fn tensor(&mut self, name: &str, dims: &[u64], raw_type: u32, bytes: &[u8]) -> &mut Self {
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        string(&mut self.table, name);
        self.table.extend((dims.len() as u32).to_le_bytes());
        dims.iter().for_each(|dim| self.table.extend(dim.to_le_bytes()));
        self.table.extend(raw_type.to_le_bytes());
        self.table.extend((self.data.len() as u64).to_le_bytes());
        self.data.extend(bytes);
        self.tensor_count += 1;
        self
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend(self.tensor_count.to_le_bytes());
        out.extend(self.entry_count.to_le_bytes());
        out.extend(&self.entries);
        out.extend(&self.table);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }
}

/// A byte-level alphabet of the letters a to z, a merge, a special token and a user-defined one.
pub(crate) fn tiny_vocabulary(writer: &mut GgufWriter) -> usize {
    let mut tokens: Vec<String> = ('a'..='z').map(String::from).collect();
    let mut kinds = vec![1; tokens.len()];
    for (token, kind) in [
        ("ab", 1),
        ("Ġ", 1),
        ("<|im_end|>", 3),
        ("<tool>", 4),
        ("é", 1),
        ("Ã", 1),
        ("©", 1),
    ] {
        tokens.push(token.into());
        kinds.push(kind);
    }
    tokens.resize_with(64, String::new);
    for (id, token) in tokens.iter_mut().enumerate().skip(kinds.len()) {
        *token = format!("[PAD{id}]");
    }
    kinds.resize(64, 5);
    writer
        .entry("tokenizer.ggml.model", Entry::Str("gpt2"))
        .entry("tokenizer.ggml.pre", Entry::Str("qwen2"))
        .entry("tokenizer.ggml.tokens", Entry::Strs(tokens))
        .entry("tokenizer.ggml.token_type", Entry::I32s(kinds))
        .entry("tokenizer.ggml.merges", Entry::Strs(vec!["a b".into()]))
        .entry("tokenizer.ggml.eos_token_id", Entry::U32(28))
        .entry("tokenizer.ggml.add_bos_token", Entry::Bool(false));
    64
}

/// A whole Qwen2 model of two layers: hidden 64, feed-forward 256, four heads, two of them for keys.
pub(crate) fn tiny_qwen2(architecture: &str) -> GgufWriter {
    tiny_qwen2_with(architecture, [(3, 20), (7, 24)])
}

/// The same with other types of gate and up: ggml's number and the bytes of a block of 32.
pub(crate) fn tiny_qwen2_with(architecture: &str, [gate, up]: [(u32, u64); 2]) -> GgufWriter {
    let mut writer = GgufWriter::default();
    writer.entry("general.architecture", Entry::Str(architecture));
    writer.entry("tokenizer.chat_template", Entry::Str("{{ messages }}"));
    for (key, value) in [
        ("block_count", 2),
        ("embedding_length", 64),
        ("feed_forward_length", 256),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 2),
        ("context_length", 128),
    ] {
        writer.entry(&format!("qwen2.{key}"), Entry::U32(value));
    }
    writer.entry("qwen2.attention.layer_norm_rms_epsilon", Entry::F32(1e-6));
    writer.entry("qwen2.rope.freq_base", Entry::F32(10_000.0));
    let vocab = tiny_vocabulary(&mut writer) as u64;
    let floats = |len: u64| -> Vec<u8> { (0..len).flat_map(|i| (i as f32 * 0.01).to_le_bytes()).collect() };
    // Zero bytes are valid blocks of every type; scales of one half keep them from being all alike.
    let blocks = |elements: u64, block: u64, bytes: u64| -> Vec<u8> {
        (0..elements / block * bytes)
            .map(|i| if i % bytes == 1 { 0x38 } else { 7 })
            .collect()
    };
    writer.tensor("token_embd.weight", &[64, vocab], 8, &blocks(64 * vocab, 32, 34));
    writer.tensor("output_norm.weight", &[64], 0, &floats(64));
    for layer in 0..2 {
        let name = |part: &str| format!("blk.{layer}.{part}");
        for norm in ["attn_norm.weight", "ffn_norm.weight"] {
            writer.tensor(&name(norm), &[64], 0, &floats(64));
        }
        // In the first layer v has another type than q and k, as in Q4_K_M files.
        let value_type = if layer == 0 { (8, 34) } else { (2, 18) };
        for (part, rows, (raw, bytes)) in [("q", 64, (2, 18)), ("k", 32, (2, 18)), ("v", 32, value_type)] {
            writer.tensor(
                &name(&format!("attn_{part}.weight")),
                &[64, rows],
                raw,
                &blocks(64 * rows, 32, bytes),
            );
            writer.tensor(&name(&format!("attn_{part}.bias")), &[rows], 0, &floats(rows));
        }
        writer.tensor(
            &name("attn_output.weight"),
            &[64, 64],
            6,
            &blocks(64 * 64, 32, 22),
        );
        writer.tensor(
            &name("ffn_gate.weight"),
            &[64, 256],
            gate.0,
            &blocks(64 * 256, 32, gate.1),
        );
        writer.tensor(
            &name("ffn_up.weight"),
            &[64, 256],
            up.0,
            &blocks(64 * 256, 32, up.1),
        );
        let (raw, bytes) = if layer == 0 { (12, 144) } else { (14, 210) };
        writer.tensor(
            &name("ffn_down.weight"),
            &[256, 64],
            raw,
            &blocks(64 * 256, 256, bytes),
        );
    }
    writer
}
