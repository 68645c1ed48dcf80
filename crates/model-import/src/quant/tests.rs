use proptest::prelude::*;

use super::decode::{Codes, floats};
use super::pack::{Bits, Form, Method, Packed, Packer};
use crate::gguf::GgmlType;

const QUANTISED: [GgmlType; 11] = [
    GgmlType::Q4_0,
    GgmlType::Q4_1,
    GgmlType::Q5_0,
    GgmlType::Q5_1,
    GgmlType::Q8_0,
    GgmlType::Q4K,
    GgmlType::Q5K,
    GgmlType::Q6K,
    GgmlType::Q2K,
    GgmlType::Q3K,
    GgmlType::Iq4Nl,
];

/// Places of half-precision parameters in a block; random bytes there could be infinite.
fn halves(ty: GgmlType) -> &'static [usize] {
    match ty {
        GgmlType::Q4_0 | GgmlType::Q5_0 | GgmlType::Q8_0 | GgmlType::Iq4Nl => &[0],
        GgmlType::Q2K => &[80, 82],
        GgmlType::Q3K => &[108],
        GgmlType::Q6K => &[208],
        _ => &[0, 2],
    }
}

fn tame(ty: GgmlType, row: &mut [u8]) {
    for block in row.chunks_exact_mut(ty.block_bytes()) {
        for at in halves(ty) {
            // Exponents below one: finite, of either sign.
            block[at + 1] = block[at + 1] & 0x80 | 0x20 | block[at + 1] & 0x0f;
        }
    }
}

/// What the operator computes from a packed row, correction included.
fn unpack(packed: &Packed, form: Form, row_len: usize) -> Vec<f32> {
    let code = |bytes: &[u8], index: usize| match form.bits {
        Bits::Eight => bytes[index],
        Bits::Four => bytes[index / 2] >> (4 * (index % 2)) & 15,
        Bits::Sixteen => panic!("numbers of half precision have no codes"),
    };
    (0..row_len)
        .map(|i| {
            let block = i / form.block;
            let zero = f32::from(code(&packed.zeros, block));
            let value = packed.scales[block] * (f32::from(code(&packed.weights, i)) - zero);
            value + packed.corrections.get(block).copied().unwrap_or(0.0)
        })
        .collect()
}

fn reference(ty: GgmlType, row: &[u8]) -> Vec<f32> {
    let mut values = Vec::new();
    floats(ty, row, &mut Codes::default(), &mut values);
    values
}

fn pack(ty: GgmlType, row: &[u8], form: Form) -> Packed {
    let mut packed = Packed::default();
    Packer::default().row(ty, row, form, &mut packed);
    packed
}

proptest! {
    #[test]
    fn exact_forms_give_the_same_values(kind in 0usize..QUANTISED.len(), mut bytes in prop::collection::vec(any::<u8>(), 420)) {
        let ty = QUANTISED[kind];
        let row_len = 512;
        bytes.resize(ty.row_bytes(row_len).max(bytes.len()), 0x5a);
        let row = &mut bytes[..ty.row_bytes(row_len)];
        tame(ty, row);
        let form = Form::exact(ty);
        let packed = pack(ty, row, form);
        prop_assert_eq!(packed.weights.len(), form.blocks(row_len) * form.block_bytes());
        prop_assert_eq!(packed.zeros.len(), form.zero_bytes(row_len));
        let expected = reference(ty, row);
        let got = unpack(&packed, form, row_len);
        let peak = expected.iter().fold(0f32, |peak, value| peak.max(value.abs()));
        for (got, expected) in got.iter().zip(&expected) {
            // Without a correction the same product is formed; with one, a sum is rounded elsewhere.
            let tolerance = if form.method == Method::Codes { 0.0 } else { peak * 1e-5 };
            prop_assert!((got - expected).abs() <= tolerance, "{got} {expected}");
        }
    }

    #[test]
    fn lookup_and_requantised_forms_stay_within_half_a_step(kind in 0usize..QUANTISED.len(), mut bytes in prop::collection::vec(any::<u8>(), 420)) {
        let ty = QUANTISED[kind];
        let row_len = 512;
        bytes.resize(ty.row_bytes(row_len).max(bytes.len()), 0xa5);
        let row = &mut bytes[..ty.row_bytes(row_len)];
        tame(ty, row);
        let expected = reference(ty, row);
        for form in [Form::lookup(ty), Form::requantised(128), Form::requantised(32)] {
            let packed = pack(ty, row, form);
            for (i, (got, expected)) in unpack(&packed, form, row_len).iter().zip(&expected).enumerate() {
                // Rounding of the value and of the zero point, half a step each.
                let step = packed.scales[i / form.block].abs() * 1.001 + 1e-7;
                prop_assert!((got - expected).abs() <= step, "{form:?} {got} {expected}");
            }
        }
    }
}

#[test]
fn short_last_blocks_are_padded_with_zero_weights() {
    let mut packed = Packed::default();
    Packer::default().float_row(&[1.0, -1.0, 0.5], Form::requantised(16), &mut packed);
    assert_eq!(packed.weights.len(), 16);
    assert!(packed.weights[3..].iter().all(|code| *code == packed.zeros[0]));
}

#[test]
fn an_odd_number_of_four_bit_blocks_packs_zero_points_per_row() {
    let form = Form::exact(GgmlType::Q4_0);
    let row = [0x77; 18 * 3];
    let packed = pack(GgmlType::Q4_0, &row, form);
    assert_eq!(packed.zeros, [0x88, 0x08]);
}

/// One block by hand: scale 2, minimum 3, codes 1 and 2 in the low and high nibbles.
#[test]
fn q4_k_matches_a_block_worked_by_hand() {
    let mut block = vec![0u8; 144];
    block[..4].copy_from_slice(&[0x00, 0x3c, 0x00, 0x3c]); // d = dmin = 1
    block[4] = 2; // scale of sub-block 0
    block[8] = 3; // minimum of sub-block 0
    block[16..48].fill(0x21);
    let values = reference(GgmlType::Q4K, &block);
    assert_eq!(values[..32], [2.0 * 1.0 - 3.0; 32]);
    // Sub-block 1 has scale and minimum zero.
    assert_eq!(values[32..64], [0.0; 32]);
}

#[test]
fn float_types_are_read() {
    assert_eq!(reference(GgmlType::F16, &[0x00, 0x3c]), [1.0]);
    assert_eq!(reference(GgmlType::Bf16, &[0x80, 0x3f]), [1.0]);
    assert_eq!(reference(GgmlType::F32, &1.5f32.to_le_bytes()), [1.5]);
}

/// Blocks of every type with the values of the `gguf` Python package: `tests/reference/blocks.py`.
#[test]
fn every_type_decodes_to_the_values_of_the_reference() {
    let golden: Vec<(u32, String, String)> =
        serde_json::from_str(include_str!("../../tests/fixtures/blocks.json")).unwrap();
    assert_eq!(golden.len(), QUANTISED.len() + 3);
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    };
    for (raw, row, expected) in golden {
        let ty = GgmlType::from_raw(raw).unwrap();
        let expected = bytes(&expected);
        let expected = expected.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        let got = reference(ty, &bytes(&row));
        assert!(got.iter().copied().eq(expected), "{ty:?}");
    }
}
