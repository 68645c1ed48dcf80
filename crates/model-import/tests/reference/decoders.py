"""Writes the fixtures of `decoders.rs`: tiny random models with the logits of transformers.

    python decoders.py [FOLDER]

Each model has Q8_0 matrices (the model `types` seven others), whose values both sides share exactly. NAME.gguf is the model; NAME.f32 the logits
(float32, little endian) of the tokens `(7 i^2 + 3 i) % 96` for i = 0 .. 39, position by position. NAME/ is a smaller model of the same kind as a folder of transformers, with logits.f32.
phi3 has two kinds of angles; NAME.long.f32 and logits.long.f32 are of i = 0 .. 79, where the original context ends at 64.
Needs torch, transformers 5 and gguf.
"""

import json
import os
import sys

import gguf
import numpy as np
import torch
import transformers

VOCAB, TOKENS, CONTEXT = 96, 40, 64
LONG_TOKENS = 80
IDS = [(7 * i * i + 3 * i) % VOCAB for i in range(LONG_TOKENS)]
COMMON = dict(
    vocab_size=VOCAB,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=CONTEXT,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
)
LINEAR = {"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 10000.0}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
    "rope_theta": 500.0,
}
SHORT = [1.0 + 0.15 * i for i in range(16)]
LONG = [2.0 + 0.5 * i for i in range(16)]
LONGROPE = {
    "rope_type": "longrope",
    "short_factor": SHORT,
    "long_factor": LONG,
    "original_max_position_embeddings": CONTEXT,
    "factor": 4.0,
    "rope_theta": 10000.0,
    "partial_rotary_factor": 0.5,
}
PLAIN = {"rope_type": "default", "rope_theta": 10000.0}
GEMMA_ROPE = {
    "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 50000.0},
    "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
}


def models(common=COMMON, phi_hidden=128, short=SHORT, long=LONG):
    t = transformers
    longrope = dict(LONGROPE, short_factor=short, long_factor=long)
    yield "llama", "llama3", t.LlamaConfig(**common, head_dim=16, rope_parameters=LLAMA3)
    yield "llama", "llama-yarn", t.LlamaConfig(**common, head_dim=32, rope_parameters=YARN)
    biased = dict(head_dim=16, attention_bias=True, mlp_bias=True, rope_parameters=LINEAR, tie_word_embeddings=True)
    yield "llama", "llama-linear-biased", t.LlamaConfig(**common, **biased)
    layers = {"num_hidden_layers": 5}
    smol = dict(common, **layers, no_rope_layer_interval=4, tie_word_embeddings=True, rope_parameters=PLAIN)
    yield "smollm3", "smollm3", t.SmolLM3Config(**smol)
    yield "qwen2", "qwen2", t.Qwen2Config(**common, tie_word_embeddings=True, rope_parameters=PLAIN)
    wide = dict(common, hidden_size=256, intermediate_size=256, num_hidden_layers=1, rope_parameters=PLAIN)
    yield "qwen2", "types", t.Qwen2Config(**wide)
    yield "qwen3", "qwen3", t.Qwen3Config(**common, head_dim=32, tie_word_embeddings=True, rope_parameters=PLAIN)
    phi = dict(common, num_attention_heads=2, num_key_value_heads=1, hidden_size=phi_hidden, num_hidden_layers=2)
    phi.update(sliding_window=9, max_position_embeddings=4 * CONTEXT, original_max_position_embeddings=CONTEXT)
    yield "phi3", "phi3", t.Phi3Config(**phi, rope_parameters=longrope)
    gemma = dict(common, head_dim=32, sliding_window=8, num_hidden_layers=7, query_pre_attn_scalar=32, intermediate_size=min(64, common["intermediate_size"]))
    gemma.update(num_key_value_heads=1, hidden_activation="gelu_pytorch_tanh", tie_word_embeddings=True)
    yield "gemma3", "gemma3", t.Gemma3TextConfig(**gemma, rope_parameters=GEMMA_ROPE)
    gemma.update(num_hidden_layers=4, attn_logit_softcapping=2.0, final_logit_softcapping=3.0)
    yield "gemma2", "gemma2", t.Gemma2Config(**gemma, rope_parameters=PLAIN)


# Block types of the matrices of the model `types`, in turn, and places of their half-precision parameters.
TYPES = {
    "Q2_K": (80, 82),
    "Q3_K": (108,),
    "Q4_K": (0, 2),
    "Q5_K": (0, 2),
    "Q6_K": (208,),
    "Q4_1": (0, 2),
    "IQ4_NL": (0,),
}

PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.qkv_proj": "attn_qkv",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
GEMMA_PARTS = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def gguf_name(name, architecture):
    stem, kind = name.rsplit(".", 1)
    if stem in WHOLE:
        return f"{WHOLE[stem]}.{kind}"
    _, _, layer, part = stem.split(".", 3)
    parts = {**PARTS, **(GEMMA_PARTS if architecture.startswith("gemma") else {})}
    return f"blk.{layer}.{parts[part]}.{kind}"


def adjacent(values, heads):
    """The row order of llama.cpp's converter for the Llama family."""
    shape = values.shape
    return values.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def randomise(model):
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            norm_centre = 0.0 if "gemma" in model.config.model_type else 1.0
            if value.dim() == 2:
                quantised = gguf.quants.quantize((0.2 * noise).numpy(), gguf.GGMLQuantizationType.Q8_0)
                value.copy_(torch.tensor(gguf.quants.dequantize(quantised, gguf.GGMLQuantizationType.Q8_0)))
            elif name.endswith("bias"):
                value.copy_(0.3 * noise)
            else:
                value.copy_(norm_centre + 0.2 * noise)


def random_blocks(shape, name, rng):
    """Random blocks whose values spread by about 0.06."""
    kind = gguf.GGMLQuantizationType[name]
    block_len, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    rows = rng.integers(0, 256, (shape[0], shape[1] // block_len * block_bytes), dtype=np.uint8)
    blocks = rows.reshape(-1, block_bytes)
    halves = {at: rng.uniform(0.5, 1, len(blocks)) * (1 if at == TYPES[name][0] else 0.5) for at in TYPES[name]}
    scale = 1.0
    for _ in range(2):
        for at, values in halves.items():
            blocks[:, at : at + 2] = (values * scale).astype(np.float16).view(np.uint8).reshape(-1, 2)
        values = gguf.quants.dequantize(rows, kind)
        scale *= 0.06 / values.std()
    return rows, values


def mix_types(model, architecture):
    """Gives the matrices of the layers other block types; returns their bytes by GGUF name."""
    rng, types, given = np.random.default_rng(5), list(TYPES), {}
    for name, value in model.named_parameters():
        if value.dim() == 2 and "layers" in name:
            kind = types[len(given) % len(types)]
            rows, values = random_blocks(value.shape, kind, rng)
            with torch.no_grad():
                value.copy_(torch.tensor(values))
            given[gguf_name(name, architecture)] = (rows, gguf.GGMLQuantizationType[kind])
    return given


def metadata(writer, architecture, config):
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    rope = config.rope_parameters
    if "full_attention" in rope:
        rope = rope["full_attention"]
    writer.add_rope_freq_base(rope["rope_theta"])
    dims = int(head_dim * rope.get("partial_rotary_factor", 1.0))
    writer.add_rope_dimension_count(dims)
    frequencies = rope["rope_theta"] ** -(np.arange(0, dims, 2) / dims)
    if rope["rope_type"] in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "llama3":
        scaled = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")[0].numpy()
        writer.add_tensor("rope_freqs.weight", (frequencies / scaled).astype(np.float32))
    if rope["rope_type"] == "longrope":
        writer.add_rope_scaling_orig_ctx_len(CONTEXT)
        ratio = config.max_position_embeddings / CONTEXT
        writer.add_rope_scaling_attn_factors(float(np.sqrt(1 + np.log(ratio) / np.log(CONTEXT))))
        writer.add_tensor("rope_factors_short.weight", np.array(SHORT, np.float32))
        writer.add_tensor("rope_factors_long.weight", np.array(LONG, np.float32))
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    tokens = ["<unk>", "<s>", "</s>"] + [chr(33 + i) for i in range(VOCAB - 4)] + ["!#"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3] + [1] * (VOCAB - 3))
    writer.add_token_merges(["! #"])
    writer.add_eos_token_id(2)


def write_logits(model, name, path):
    """Logits of the short sequence, and of the long one where that is turned by other angles."""
    lengths = {"": TOKENS, ".long": LONG_TOKENS} if name == "phi3" else {"": TOKENS}
    for kind, length in lengths.items():
        with torch.no_grad():
            logits = model(torch.tensor([IDS[:length]])).logits[0].numpy()
        logits.astype("<f4").tofile(f"{path}{kind}.f32")
        print(f"{path}{kind}: logits {logits.std():.3f} around {logits.mean():.3f}")


def write(folder, architecture, name, config):
    torch.manual_seed(1)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    randomise(model)
    given = mix_types(model, architecture) if name == "types" else {}
    write_logits(model, name, os.path.join(folder, name))
    writer = gguf.GGUFWriter(os.path.join(folder, f"{name}.gguf"), architecture)
    metadata(writer, architecture, config)
    state = model.state_dict()
    if config.tie_word_embeddings:
        state.pop("lm_head.weight", None)
    for key, value in state.items():
        values = value.numpy().astype(np.float32)
        if architecture in ("llama", "smollm3"):
            for part, heads in (("q_proj", config.num_attention_heads), ("k_proj", config.num_key_value_heads)):
                values = adjacent(values, heads) if part in key else values
        if architecture.startswith("gemma") and "norm" in key:
            values = values + 1
        if gguf_name(key, architecture) in given:
            rows, kind = given[gguf_name(key, architecture)]
            writer.add_tensor(gguf_name(key, architecture), rows, raw_dtype=kind)
        elif values.ndim == 2:
            quantised = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(gguf_name(key, architecture), quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(gguf_name(key, architecture), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_folder(folder, name, config):
    """Saves a smaller model as transformers does, in bfloat16, with its logits beside.

    Every block of 32 weights spans the codes 0 to 255 around 128, which bfloat16 and eight bits both hold exactly.
    """
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    randomise(model)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                codes = torch.randint(0, 256, parameter.shape, generator=generator).float()
                codes[:, 0::32], codes[:, 1::32] = 0, 255
                parameter.copy_((codes - 128) * 2**-9)
            else:
                parameter.copy_(parameter.bfloat16().float())
    out = os.path.join(folder, name)
    os.makedirs(out, exist_ok=True)
    write_logits(model, name, os.path.join(out, "logits"))
    model.bfloat16().save_pretrained(out)
    token = dict(id=2, content="</s>", single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    bos = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    template = {"type": "TemplateProcessing", "single": bos, "pair": bos, "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
    model_part = {"type": "BPE", "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "a": 3}, "merges": []}
    tokenizer = {"version": "1.0", "added_tokens": [token], "post_processor": template, "model": model_part}
    json.dump(tokenizer, open(os.path.join(out, "tokenizer.json"), "w"))


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "fixtures", "decoders")
    os.makedirs(folder, exist_ok=True)
    for architecture, name, config in models():
        write(folder, architecture, name, config)
    small = dict(COMMON, hidden_size=32, intermediate_size=32, num_attention_heads=2, num_key_value_heads=1)
    for _, name, config in models(small, phi_hidden=64, short=SHORT[:8], long=LONG[:8]):
        if name != "types":
            write_folder(folder, name, config)
