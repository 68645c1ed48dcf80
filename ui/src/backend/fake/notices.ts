const rule = "-".repeat(80);

/** Notices as a package carries them, of a few libraries. */
export const sampleNotices = `Footnote contains the following. Models have licences of their own; they are fetched later and named in the window.

@fontsource-variable/inter 5.3.0: OFL-1.1
aws-lc-sys 0.47.0: ISC AND (Apache-2.0 OR ISC) AND Apache-2.0 AND MIT AND BSD-3-Clause AND (Apache-2.0 OR ISC OR MIT) AND (Apache-2.0 OR ISC OR MIT-0)
ONNX Runtime 1.30.0: MIT
serde 1.0.228: MIT OR Apache-2.0
serde_json 1.0.149: MIT OR Apache-2.0
svelte 5.40.0: MIT
unic-char 0.9.0: MIT/Apache-2.0

${rule}
serde 1.0.228, serde_json 1.0.149

Permission is hereby granted, free of charge, to any
person obtaining a copy of this software.

${rule}
svelte 5.40.0

Copyright (c) 2016-2025 Svelte Contributors

${rule}
ONNX Runtime 1.30.0

THIRD PARTY SOFTWARE NOTICES

${rule}

protobuf: Copyright 2008 Google Inc.

${rule}
@fontsource-variable/inter 5.3.0

This Font Software is licensed under the SIL Open Font License, Version 1.1.

${rule}
aws-lc-sys 0.47.0

ISC License. See https://example.org/a-very-long-address-without-any-blank-in-it/that-has-to-break-somewhere/or-it-would-widen-the-dialog/beyond-its-edge
`;
