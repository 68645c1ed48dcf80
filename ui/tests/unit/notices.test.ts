import { describe, expect, it } from "vitest";
import { sampleNotices } from "../../src/backend/fake/notices";
import { partsOf, searcher } from "../../src/lib/notices";

describe("the notices of a package", () => {
  const parts = partsOf(sampleNotices);
  const of = (id: string) => parts.find((part) => part.id.startsWith(id));

  it("are told apart by library, with the texts that several share", () => {
    expect(parts.map(({ id }) => id)).toEqual([
      "@fontsource-variable/inter 5.3.0",
      "aws-lc-sys 0.47.0",
      "ONNX Runtime 1.30.0",
      "serde 1.0.228",
      "serde_json 1.0.149",
      "svelte 5.40.0",
      "unic-char 0.9.0",
    ]);
    expect(of("serde ")?.licence).toBe("MIT OR Apache-2.0");
    expect(of("serde ")?.texts).toEqual(["Permission is hereby granted, free of charge, to any\nperson obtaining a copy of this software."]);
    expect(of("serde_json")?.texts).toEqual(of("serde ")?.texts);
    expect(of("unic-char")?.texts).toEqual([]);
  });

  it("keep a rule that stands within a text", () => {
    expect(of("ONNX")?.texts).toHaveLength(1);
    expect(of("ONNX")?.texts[0]).toContain("protobuf: Copyright 2008");
  });

  it("are found by name first, then by words of their texts, across lines", () => {
    const search = searcher(parts);
    expect(search(" ")).toHaveLength(7);
    expect(search("SERDE").map(({ id }) => id)).toEqual(["serde 1.0.228", "serde_json 1.0.149"]);
    expect(search("any person obtaining").map(({ id }) => id)).toEqual(["serde 1.0.228", "serde_json 1.0.149"]);
    expect(search("mit/apache").map(({ id }) => id)).toEqual(["unic-char 0.9.0"]);
    expect(search("nothing like this")).toEqual([]);
  });
});
