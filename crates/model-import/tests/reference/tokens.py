"""Holds an imported tokenizer against llama.cpp's for the same file.

    python tokens.py MODEL.gguf IMPORTED_FOLDER [SOURCE_FILE...]

Encodes 10,000 lines (mixed scripts, code, emoji, odd white space, and lines of the source files given) with both
and prints the lines whose ids differ. llama.cpp leaves out Unicode normalisation, so where the model's own tokenizer
normalises (Qwen) it is given the normalised line. Needs tokenizers and llama-cpp-python. Exits 1 on a difference.
"""

import os
import random
import sys
import unicodedata

import llama_cpp
import tokenizers

LINES = 10_000
WORDS = """
the quick Brown fox jumps over 13 lazy dogs, isn't it? We'll see: they've DON'T I'M you're O'Neill 'tis rock'n'roll
naïve café Ångström straße élève garçon señor œuvre Łódź Dvořák İstanbul IJsland ﬁn e\u0301clair A\u030a
Быстрая коричневая лиса прыгает через ленивую собаку Київ Ѐ Ђурађ
η γρήγορη αλεπού Ἀθήνα άλφα
الثعلب البني السريع يقفز فوق الكلب ۱۲۳ ٤٥٦ פרה שועל שָׁלוֹם
तेज भूरी लोमड़ी कुत्ते के ऊपर १२३ কুকুর দ্রুত பூனை ஸ்ரீ తెలుగు ಕನ್ನಡ ไทยไม่มีช่องว่าง ភាសាខ្មែរ မြန်မာ
敏捷的棕色狐狸跳过了懒狗。 素早い茶色の狐が、怠け者の犬を飛び越える！ ｶﾀｶﾅ 여우가 개를 뛰어넘다 ㅋㅋㅋ ㄱㄴ 𠮷野家 ﾊﾟ
🦊 👨‍👩‍👧‍👦 🇫🇷🇩🇪 👍🏽 ❤️ ☃ ♠︎ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 𝔹𝕠𝕝𝕕 ⅷ ½ ² ① ﷽ ﬀ
foo_bar(x[0], **kwargs) -> None: return self.x==y!=z; std::vector<int>& v; let mut a: &'a str = "s\\n"; #include<stdio.h> </div> a/b/c.txt
C:\\Users\\x https://example.org/a?b=c&d=%20#frag user@host.tld 1,234.56 3.14e-10 0xDEADBEEF 2024-02-29T23:59:59Z 100% $5 €7 №5 ½kg
if(x){y++;} // TODO /* c */ <!-- --> ``` --- === !!! ... ?!?! «quote» “curly” ‘single’ ‹a› — – ‐ • § ¶ † ° ± × ÷ ∑ ∫ √ ≠ ≤ → ⇒ ∀ ∃ ∈
""".split()
SPACES = [" "] * 12 + ["", "  ", "   ", "        ", "\t", "\t\t", "\u00a0", "\u3000", "\u2009", "\u200b", "\r", " \t "]


def lines(sources):
    rng = random.Random(20240229)
    for source in sources:
        yield from (line for line in open(source, encoding="utf-8").read().split("\n") if line)
    while True:
        kind = rng.random()
        if kind < 0.8:
            parts = [rng.choice(WORDS) + rng.choice(SPACES) for _ in range(rng.randint(1, 24))]
            yield rng.choice(["", "", " ", "  ", "\t"]) + "".join(parts)
        elif kind < 0.9:
            # Any assigned characters, and runs of digits and spaces.
            ranges = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x5FF), (0x900, 0xDFF), (0x1F300, 0x1F6FF), (0x4E00, 0x9FFF)]
            low, high = rng.choice(ranges)
            yield "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 40)))
        else:
            joined = rng.choice(["\n", "\n\n", "\r\n", " \n ", "\n\t\n", "\n\n\n\n"]).join(
                rng.choice(WORDS) for _ in range(rng.randint(2, 8))
            )
            yield joined + str(rng.randint(0, 10**9)) + rng.choice(["", "\n", "  \n"])


def main():
    path, folder, *sources = sys.argv[1:]
    llama = llama_cpp.Llama(path, vocab_only=True, verbose=False)
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    normalises = isinstance(tokenizer.normalizer, tokenizers.normalizers.NFC)
    tokens, differing = 0, 0
    generator = lines(sources)
    for _ in range(LINES):
        line = next(generator)
        theirs = llama.tokenize((unicodedata.normalize("NFC", line) if normalises else line).encode(), add_bos=False, special=False)
        ours = tokenizer.encode(line, add_special_tokens=False).ids
        tokens += len(ours)
        if ours != theirs:
            differing += 1
            if differing <= 10:
                print(repr(line))
                show = lambda ids: [tokenizer.id_to_token(i) for i in ids]
                at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
                print("  ours  ", at, show(ours[max(0, at - 2) : at + 8]))
                print("  theirs", at, show(theirs[max(0, at - 2) : at + 8]))
    print(f"{LINES} lines, {tokens} tokens, {differing} lines differ")
    sys.exit(differing > 0)


main()
