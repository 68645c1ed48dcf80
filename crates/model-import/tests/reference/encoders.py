"""Makes the tiny encoders in ../fixtures/encoders, with what the original framework computes on them.

Each folder is a model with random weights as its publisher would share it, and `reference.json`: token ids as the
original tokenizer gives them, padded into one batch, and the numbers that the original model gives for that batch.

    python encoders.py        # made with torch 2.15.0, transformers 5.23.0

Weights are drawn from a fixed seed, wide enough that outputs differ clearly from text to text; biases and norms
are random too, so that a forgotten one shows.
"""

import json
import shutil
import zlib
from pathlib import Path

import torch
import transformers as hf
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

OUT = Path(__file__).resolve().parent.parent / "fixtures" / "encoders"
WORDS = (
    "the a lamp of light house is was cleaned every week and keeper notes it in log paris capital france river sea "
    "runs meets grey quiet water old new ship harbour who what where not never always red blue green door key stone"
).split()
TEXTS = [
    "the lamp of the light house is cleaned every week",
    "paris",
    "the river runs past the old harbour and meets the grey sea , and the keeper notes it in the log",
    "a red door , a blue key , a green stone",
]
PAIRS = [
    ("what is the capital of france", "paris is the capital of france"),
    ("who", "the keeper"),
    ("where is the red key", "the old ship runs in the quiet harbour and the water is never blue"),
    ("the lamp was not cleaned", "the keeper cleaned the lamp every week"),
]
BASE = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)


def tokenizer(folder, kind):
    """A word-level tokenizer with the special tokens, their ids and the pair template of its kind."""
    specials = {
        "bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
        "roberta": ["<s>", "<pad>", "</s>", "<unk>"],
        "modernbert": ["[UNK]", "[CLS]", "[SEP]", "[PAD]"],
    }[kind]
    vocab = {word: number for number, word in enumerate(specials + sorted(set(WORDS)) + [","])}
    unknown = next(word for word in specials if "unk" in word.lower())
    made = Tokenizer(models.WordLevel(vocab, unk_token=unknown))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if kind == "roberta":
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
        )
    else:
        cls, sep = ("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])
        second = 1 if kind == "bert" else 0
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair=f"[CLS] $A [SEP] $B:{second} [SEP]:{second}", special_tokens=[cls, sep]
        )
    made.add_special_tokens(specials)
    made.save(str(folder / "tokenizer.json"))
    return made, len(vocab), vocab[next(word for word in specials if "pad" in word.lower())]


def randomise(model, name):
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    with torch.no_grad():
        for key, value in sorted(model.named_parameters()):
            noise = torch.randn(value.shape, generator=generator)
            is_norm = value.dim() == 1 and key.endswith("weight")
            value.copy_(1 + 0.2 * noise if is_norm else (0.3 * noise if value.dim() > 1 else 0.1 * noise))


def batch(made, texts, pad):
    encoded = [made.encode(*text) if isinstance(text, tuple) else made.encode(text) for text in texts]
    width = max(len(one.ids) for one in encoded)
    fill = lambda row, value: row + [value] * (width - len(row))
    return (
        [fill(one.ids, pad) for one in encoded],
        [fill([1] * len(one.ids), 0) for one in encoded],
        [fill(one.type_ids, 0) for one in encoded],
    )


def dump(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def save(model, folder, dtype, shards):
    """Saves the weights rounded to `dtype`, and reads them again for computing in float32.

    Calling `float()` on the rounded model would not do: its rotary frequencies would stay rounded too.
    """
    model.to(dtype).save_pretrained(folder, **({"max_shard_size": shards} if shards else {}))
    return type(model).from_pretrained(folder, dtype=torch.float32).eval()


def pool(modes, hidden, mask):
    """sentence-transformers' Pooling, whose definitions these are."""
    column = mask.unsqueeze(-1).float()
    total = (hidden * column).sum(1)
    count = column.sum(1)
    ranks = torch.arange(1, hidden.shape[1] + 1).view(1, -1, 1).float() * column
    parts = {
        "pooling_mode_cls_token": lambda: hidden[:, 0],
        "pooling_mode_max_tokens": lambda: hidden.masked_fill(column == 0, -1e9).max(1).values,
        "pooling_mode_mean_tokens": lambda: total / count,
        "pooling_mode_mean_sqrt_len_tokens": lambda: total / count.sqrt(),
        "pooling_mode_weightedmean_tokens": lambda: (hidden * ranks).sum(1) / ranks.sum(1),
        "pooling_mode_lasttoken": lambda: hidden[torch.arange(len(mask)), mask.sum(1) - 1],
    }
    return torch.cat([part() for mode, part in parts.items() if mode in modes], 1)


def make(name, kind, config, build, inputs, dtype=torch.float32, shards=None, sentence=None, extra=None):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made, vocab, pad = tokenizer(folder, kind)
    model = build(config(vocab_size=vocab, pad_token_id=pad))
    randomise(model, name)
    model = save(model, folder, dtype, shards)
    ids, mask, types = batch(made, inputs, pad)
    feed = dict(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))
    if model.config.model_type == "bert":
        feed["token_type_ids"] = torch.tensor(types)
    with torch.no_grad():
        result = model(**feed)
        if sentence is None:
            output = result.logits
        else:
            output = pool(sentence["modes"], result.last_hidden_state, feed["attention_mask"])
            output = finish_sentence(folder, sentence, output, name)
    if extra:
        path = folder / "config.json"
        dump(path, json.loads(path.read_text()) | extra)
    flat = output[0] if output.dim() == 3 else output
    spread = flat.std(0).mean().item()
    assert spread > 0.05, f"{name}: outputs hardly differ ({spread})"
    dump_reference(folder, inputs, ids, mask, types, output)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert size < 300_000, f"{name}: {size} bytes"
    print(f"{name}: {size} bytes, outputs {list(output.shape)} with spread {spread:.3f}")


def dump_reference(folder, inputs, ids, mask, types, output):
    numbers = [round(value, 6) for value in output.flatten().tolist()]
    value = dict(
        inputs=inputs, input_ids=ids, attention_mask=mask, token_type_ids=types, shape=list(output.shape), output=numbers
    )
    (folder / "reference.json").write_text(json.dumps(value) + "\n")


def finish_sentence(folder, sentence, output, name):
    hidden = output.shape[1] // len(sentence["modes"])
    kinds = ["Transformer", "Pooling"] + sentence.get("then", [])
    paths = [""] + [f"{number}_{kind}" for number, kind in enumerate(kinds) if number]
    prefix = "sentence_transformers.models."
    modules = [
        dict(idx=number, name=str(number), path=path, type=prefix + kind)
        for number, (kind, path) in enumerate(zip(kinds, paths))
    ]
    dump(folder / "modules.json", modules)
    dump(folder / "sentence_bert_config.json", dict(max_seq_length=sentence["max_tokens"], do_lower_case=False))
    if "prompts" in sentence:
        dump(folder / "config_sentence_transformers.json", dict(prompts=sentence["prompts"]))
    (folder / paths[1]).mkdir()
    flags = {mode: mode in sentence["modes"] for mode in MODES}
    dump(folder / paths[1] / "config.json", dict(word_embedding_dimension=hidden) | flags)
    for kind, path in zip(kinds[2:], paths[2:]):
        if kind == "Normalize":
            output = torch.nn.functional.normalize(output, dim=1)
        if kind == "Dense":
            linear = torch.nn.Linear(output.shape[1], 24)
            randomise(linear, name + path)
            (folder / path).mkdir()
            settings = dict(in_features=linear.in_features, out_features=24, bias=True)
            dump(folder / path / "config.json", settings | dict(activation_function="torch.nn.modules.activation.Tanh"))
            weights = {f"linear.{key}": value.detach().contiguous() for key, value in linear.named_parameters()}
            save_file(weights, str(folder / path / "model.safetensors"))
            output = torch.tanh(linear(output))
    return output.detach()


MODES = [
    "pooling_mode_cls_token",
    "pooling_mode_max_tokens",
    "pooling_mode_mean_tokens",
    "pooling_mode_mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens",
    "pooling_mode_lasttoken",
]
MEAN = ["pooling_mode_mean_tokens"]
LONG = [" ".join(WORDS[(3 * step + start) % len(WORDS)] for step in range(length)) for start, length in ((0, 180), (5, 60), (9, 3))]


def config(kind, **settings):
    return lambda **more: kind(**(BASE | settings | more))


def main():
    bert = dict(max_position_embeddings=40, type_vocab_size=2)
    roberta = dict(max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5)
    modern = dict(
        max_position_embeddings=64, local_attention=8, num_hidden_layers=4, global_attn_every_n_layers=3,
        bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
    )
    make("bert-sentence", "bert", config(hf.BertConfig, **bert), hf.BertModel, TEXTS, sentence=dict(
        modes=MEAN, then=["Dense", "Normalize"], max_tokens=32, prompts=dict(query="who ", passage="notes ")))
    labels = {0: "contradiction", 1: "entailment", 2: "neutral"}
    make("bert-nli", "bert", config(hf.BertConfig, id2label=labels, **bert), hf.BertForSequenceClassification, PAIRS,
         dtype=torch.bfloat16)
    make("bert-tokens", "bert", config(hf.BertConfig, num_labels=5, hidden_act="gelu_new", **bert),
         hf.BertForTokenClassification, TEXTS)
    make("xlm-roberta-reranker", "roberta", config(hf.XLMRobertaConfig, num_labels=1, **roberta),
         hf.XLMRobertaForSequenceClassification, PAIRS, dtype=torch.float16, shards="30KB")
    make("xlm-roberta-sentence", "roberta", config(hf.XLMRobertaConfig, **roberta), hf.XLMRobertaModel, TEXTS,
         sentence=dict(modes=MODES, max_tokens=40))
    make("roberta-tokens", "roberta", config(hf.RobertaConfig, num_labels=4, hidden_act="relu", **roberta),
         hf.RobertaForTokenClassification, TEXTS)
    make("mpnet-sentence", "roberta", config(hf.MPNetConfig, max_position_embeddings=200, layer_norm_eps=1e-5),
         hf.MPNetModel, LONG, sentence=dict(modes=MEAN, then=["Normalize"], max_tokens=190))
    make("mpnet-classifier", "roberta", config(hf.MPNetConfig, max_position_embeddings=50), hf.MPNetForSequenceClassification,
         PAIRS, extra=dict(sentence_transformers=dict(activation_fn="torch.nn.modules.linear.Identity")))
    make("modernbert-sentence", "modernbert", config(hf.ModernBertConfig, **modern), hf.ModernBertModel, TEXTS,
         sentence=dict(modes=["pooling_mode_cls_token"], then=["Normalize"], max_tokens=48))
    make("modernbert-reranker", "modernbert", config(hf.ModernBertConfig, num_labels=1, classifier_pooling="mean", **modern),
         hf.ModernBertForSequenceClassification, PAIRS, dtype=torch.float16)
    biased = dict(attention_bias=True, mlp_bias=True, norm_bias=True, classifier_bias=True)
    make("modernbert-tokens", "modernbert", config(hf.ModernBertConfig, num_labels=3, **biased, **modern),
         hf.ModernBertForTokenClassification, TEXTS)


if __name__ == "__main__":
    main()
