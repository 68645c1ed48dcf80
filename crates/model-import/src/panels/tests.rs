use proptest::prelude::*;

use super::pack::PanelPacker;
use super::reference::{Inputs, dequantise, product};
use super::{BLOCK, PANEL_ALIGNMENT, PANEL_ROWS, PanelFormat, SUPER_BLOCK};
use crate::gguf::GgmlType;
use crate::quant::decode::{Codes, floats};

const TYPES: [GgmlType; 8] = [
    GgmlType::Q4_0,
    GgmlType::Q4_1,
    GgmlType::Q5_0,
    GgmlType::Q5_1,
    GgmlType::Q8_0,
    GgmlType::Q4K,
    GgmlType::Q5K,
    GgmlType::Q6K,
];

/// Rows of random blocks whose half-precision parts are small numbers.
fn rows(ty: GgmlType, row_len: usize, count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut state = seed | 1;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let halves: &[usize] = match ty {
        GgmlType::Q4_0 | GgmlType::Q5_0 | GgmlType::Q8_0 => &[0],
        GgmlType::Q6K => &[208],
        _ => &[0, 2],
    };
    let mut make = || {
        let mut row: Vec<u8> = (0..ty.row_bytes(row_len)).map(|_| byte()).collect();
        for block in row.chunks_exact_mut(ty.block_bytes()) {
            for at in halves {
                block[at + 1] = block[at + 1] & 0x83 | 0x20;
            }
        }
        row
    };
    (0..count).map(|_| make()).collect()
}

fn values(ty: GgmlType, row: &[u8]) -> Vec<f32> {
    let mut values = Vec::new();
    floats(ty, row, &mut Codes::default(), &mut values);
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn panels_hold_the_values_of_the_file(kind in 0usize..TYPES.len(), count in 1usize..40, wide in 1usize..3, seed: u64) {
        let (ty, row_len) = (TYPES[kind], wide * SUPER_BLOCK);
        let format = PanelFormat::of(ty).unwrap();
        let rows = rows(ty, row_len, count, seed);
        let mut packed = Vec::new();
        let mut packer = PanelPacker::new(ty, row_len).unwrap();
        for row in &rows {
            packer.push(row, &mut packed);
        }
        packer.finish(&mut packed);
        prop_assert_eq!(packed.len(), format.matrix_bytes(count, row_len));
        let inputs: Vec<f32> = (0..row_len).map(|at| ((at * 37 + seed as usize % 91) % 101) as f32 / 50.0 - 1.0).collect();
        let mut quantised = Inputs::default();
        quantised.push(&inputs);
        for (at, row) in rows.iter().enumerate() {
            let panel = &packed[at / PANEL_ROWS * format.panel_bytes(row_len)..][..format.panel_bytes(row_len)];
            let mut got = vec![0.0; row_len];
            dequantise(format, panel, at % PANEL_ROWS, &mut got);
            let want = values(ty, row);
            let peak = want.iter().fold(0f32, |peak, value| peak.max(value.abs()));
            for (got, want) in got.iter().zip(&want) {
                prop_assert!((got - want).abs() <= peak * 1e-6, "{got} {want}");
            }
            // Half a step of the inputs' rounding at each column, at most.
            let exact: f64 = want.iter().zip(&inputs).map(|(w, x)| f64::from(*w) * f64::from(*x)).sum();
            let bound: f64 = want.iter().map(|w| f64::from(w.abs())).sum::<f64>() / 127.0 * 0.51;
            let product = product(format, panel, at % PANEL_ROWS, quantised.row(0, row_len));
            prop_assert!((f64::from(product) - exact).abs() <= bound, "{product} {exact} {bound}");
        }
    }
}

#[test]
fn panels_are_as_small_as_the_file() {
    for ty in TYPES {
        let format = PanelFormat::of(ty).unwrap();
        let row_len = 1536;
        let (ours, file) = (format.matrix_bytes(16, row_len), 16 * ty.row_bytes(row_len));
        // K types keep their six-bit scales in bytes.
        assert!(ours * 100 <= file * 103, "{format:?}: {ours} and {file}");
        assert_eq!(format.panel_bytes(row_len) % PANEL_ALIGNMENT, 0);
        assert_eq!(PanelFormat::from_number(format.number()), Some(format));
    }
    assert_eq!(PanelFormat::from_number(99), None);
    assert_eq!(PanelFormat::of(GgmlType::Q2K), None);
}

#[test]
fn only_whole_blocks_make_panels() {
    assert!(PanelFormat::Q8_0.divides(BLOCK) && !PanelFormat::Q8_0.divides(BLOCK + 4));
    assert!(!PanelFormat::Q4K.divides(7 * BLOCK) && !PanelFormat::Q4K.divides(0));
    assert!(PanelPacker::new(GgmlType::Q4K, 896).is_none());
    assert!(PanelPacker::new(GgmlType::F16, 256).is_none());
}

#[test]
fn a_block_of_zeros_is_quantised_to_zeros() {
    let mut inputs = Inputs::default();
    inputs.push(&[0.0; BLOCK]);
    assert_eq!((inputs.codes, inputs.scales), (vec![0; BLOCK], vec![0.0; 2]));
}
