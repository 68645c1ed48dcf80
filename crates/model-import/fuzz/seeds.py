"""Writes the first fuzzing inputs into `corpus/gguf`: whole models of every family, a few kilobytes each.

    python seeds.py        (needs gguf and numpy)
"""

import os

import gguf
import numpy as np

HIDDEN, HEADS, KV, SIZE, WIDTH, VOCAB = 32, 2, 1, 16, 32, 12
FAMILIES = "llama smollm3 qwen2 qwen3 gemma2 gemma3 phi3".split()
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "gguf")


def matrix(writer, name, rows, columns):
    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor(f"{name}.weight", np.zeros((rows, columns // 32 * 34), np.uint8), raw_dtype=kind)


def vector(writer, name, length):
    writer.add_tensor(f"{name}.weight", np.ones(length, np.float32))


def write(family, tokenizer):
    writer = gguf.GGUFWriter(os.path.join(FOLDER, f"{family}-{tokenizer}.gguf"), family)
    writer.add_context_length(64)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    if family == "llama":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(2.0)
        writer.add_rope_scaling_orig_ctx_len(32)
    if family == "phi3":
        writer.add_rope_scaling_orig_ctx_len(32)
        writer.add_tensor("rope_factors_short.weight", np.ones(SIZE // 2, np.float32))
    gemma = family.startswith("gemma")
    if gemma:
        writer.add_sliding_window(8)
    writer.add_tokenizer_model({"spm": "llama", "bpe": "gpt2"}[tokenizer])
    tokens = ["<unk>", "<s>", "<0x0A>", "a", "b", "ab", "\u2581", "\u2581a", "c", "cd", "d", "</s>"]
    writer.add_token_list(tokens)
    writer.add_token_types([2, 3, 6] + [1] * 7 + [4, 3])
    if tokenizer == "spm":
        writer.add_token_scores([-float(i) for i in range(VOCAB)])
    else:
        writer.add_tokenizer_pre("llama-bpe")
        writer.add_token_merges(["a b", "c d"])
    matrix(writer, "token_embd", VOCAB, HIDDEN)
    vector(writer, "output_norm", HIDDEN)
    block = lambda name: f"blk.0.{name}"
    vector(writer, block("attn_norm"), HIDDEN)
    vector(writer, block("ffn_norm"), HIDDEN)
    if family == "phi3":
        matrix(writer, block("attn_qkv"), (HEADS + 2 * KV) * SIZE, HIDDEN)
        matrix(writer, block("ffn_up"), 2 * WIDTH, HIDDEN)
    else:
        matrix(writer, block("attn_q"), HEADS * SIZE, HIDDEN)
        matrix(writer, block("attn_k"), KV * SIZE, HIDDEN)
        matrix(writer, block("attn_v"), KV * SIZE, HIDDEN)
        matrix(writer, block("ffn_gate"), WIDTH, HIDDEN)
        matrix(writer, block("ffn_up"), WIDTH, HIDDEN)
    matrix(writer, block("attn_output"), HIDDEN, HEADS * SIZE)
    matrix(writer, block("ffn_down"), HIDDEN, WIDTH)
    if family in ("qwen3", "gemma3"):
        vector(writer, block("attn_q_norm"), SIZE)
        vector(writer, block("attn_k_norm"), SIZE)
    if gemma:
        vector(writer, block("post_attention_norm"), HIDDEN)
        vector(writer, block("post_ffw_norm"), HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


os.makedirs(FOLDER, exist_ok=True)
for family in FAMILIES:
    for tokenizer in ("bpe", "spm"):
        write(family, tokenizer)
