//! Every kernel this processor runs, against the reference.

use footnote_model_import::panels::reference::{self, dequantise};
use footnote_model_import::panels::{PANEL_ROWS, PanelFormat, Scales};

use super::inputs::{GROUP_ROWS, Inputs};
use super::kernel::Kernel;
use crate::operators::processor::InstructionSet;

struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 56) as u8
    }

    /// A panel of random codes and bytes, its half-precision parts of either sign and around 1/64.
    fn panel(&mut self, format: PanelFormat, row_len: usize) -> Vec<u8> {
        let mut panel: Vec<u8> = (0..format.panel_bytes(row_len)).map(|_| self.byte()).collect();
        let first_half = match format.scales() {
            Scales::Half | Scales::HalfWithMinimum => 0,
            Scales::SuperWithMinimum | Scales::Super => 16 * PANEL_ROWS,
        };
        let codes = format.code_bytes(row_len);
        for scales in panel[codes..].chunks_exact_mut(format.scales().bytes()) {
            for half in scales[first_half..].as_chunks_mut::<2>().0 {
                half[1] = half[1] & 0x83 | 0x20;
            }
        }
        panel
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        let mut float = || (f32::from(self.byte()) - 127.5) * f32::from(self.byte()) / 1000.0;
        (0..count).map(|_| float()).collect()
    }
}

/// Products of rows of inputs with a panel, a vector for each term of a row, as a kernel computes them.
fn computed(
    kernel: Kernel,
    format: PanelFormat,
    panel: &[u8],
    values: &[f32],
    row_len: usize,
    terms: usize,
) -> Vec<[f32; PANEL_ROWS]> {
    let rows = values.len() / row_len * terms;
    let mut inputs = Inputs::default();
    inputs.resize(rows / terms, row_len, terms).unwrap();
    let mut out = vec![[0.0; PANEL_ROWS]; rows];
    let writer = inputs.writer();
    for index in 0..inputs.groups() {
        // SAFETY: one thread, and the processor runs the kernel.
        unsafe { (kernel.quantise)(&writer, index, values) };
        let group = inputs.group(index);
        let out = &mut out[group.first..group.first + group.rows];
        // SAFETY: as above; the panel is whole.
        unsafe { kernel.products(format)[group.rows - 1](panel.as_ptr(), &group, out) };
    }
    out
}

#[test]
fn every_kernel_gives_the_reference_s_numbers_to_the_bit() {
    let mut random = Random(7);
    for set in InstructionSet::supported() {
        for format in PanelFormat::ALL {
            for (rows, row_len) in [
                (1, 256),
                (2, 512),
                (3, 256),
                (5, 768),
                (7, 256),
                (8, 256),
                (19, 512),
            ] {
                let panel = random.panel(format, row_len);
                let values = random.floats(rows * row_len);
                let mut inputs = reference::Inputs::default();
                inputs.push(&values);
                let got = computed(Kernel::of(set), format, &panel, &values, row_len, 1);
                for (row, got) in got.iter().enumerate() {
                    for (lane, got) in got.iter().enumerate() {
                        let want = reference::product(format, &panel, lane, inputs.row(row, row_len));
                        assert_eq!(
                            got.to_bits(),
                            want.to_bits(),
                            "{set:?} {format:?} {rows} rows: {got} {want}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn two_terms_are_the_codes_and_those_of_what_they_leave() {
    let mut random = Random(13);
    for set in InstructionSet::supported() {
        for format in PanelFormat::ALL {
            for rows in [1, 3, 4, 11] {
                let row_len = 512;
                let panel = random.panel(format, row_len);
                let values = random.floats(rows * row_len);
                let got = computed(Kernel::of(set), format, &panel, &values, row_len, 2);
                for (row, terms) in values.chunks_exact(row_len).zip(got.chunks_exact(2)) {
                    let mut inputs = reference::Inputs::default();
                    inputs.push(row);
                    inputs.push(&reference::Inputs::remainder(row));
                    for lane in 0..PANEL_ROWS {
                        let of = |term| reference::product(format, &panel, lane, inputs.row(term, row_len));
                        assert_eq!(
                            terms.iter().map(|term| term[lane].to_bits()).collect::<Vec<_>>(),
                            [of(0), of(1)].map(f32::to_bits),
                            "{set:?} {format:?} {rows} rows"
                        );
                        let mut weights = vec![0.0; row_len];
                        dequantise(format, &panel, lane, &mut weights);
                        let products = || {
                            weights
                                .iter()
                                .zip(row)
                                .map(|(w, x)| f64::from(*w) * f64::from(*x))
                        };
                        let (want, size) = (products().sum::<f64>(), products().map(f64::abs).sum::<f64>());
                        let got = f64::from(terms[0][lane] + terms[1][lane]);
                        assert!(
                            (got - want).abs() < 1e-5 * size,
                            "{set:?} {format:?}: {got} {want} of {size}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_rows_beside_it() {
    let mut random = Random(11);
    for set in InstructionSet::supported() {
        for format in PanelFormat::ALL {
            let panel = random.panel(format, 512);
            let values = random.floats(11 * 512);
            let together = computed(Kernel::of(set), format, &panel, &values, 512, 1);
            for (row, together) in together.iter().enumerate() {
                let values = &values[row * 512..][..512];
                let alone = computed(Kernel::of(set), format, &panel, values, 512, 1);
                assert_eq!(
                    alone[0].map(f32::to_bits),
                    together.map(f32::to_bits),
                    "{set:?} {format:?}"
                );
            }
        }
    }
}

#[test]
fn extreme_codes_do_not_overflow() {
    let row_len = 256;
    for set in InstructionSet::supported() {
        for format in PanelFormat::ALL {
            for (byte, sign) in [(0xff, 1.0), (0xff, -1.0), (0x00, 1.0), (0x00, -1.0)] {
                let mut panel = vec![byte; format.panel_bytes(row_len)];
                let scales = format.code_bytes(row_len);
                panel[scales..].fill(0x3c);
                let values = vec![sign; row_len];
                let mut weights = vec![0.0; row_len];
                dequantise(format, &panel, 3, &mut weights);
                let want: f64 = weights.iter().map(|weight| f64::from(weight * sign)).sum();
                let got = f64::from(computed(Kernel::of(set), format, &panel, &values, row_len, 1)[0][3]);
                assert!(
                    (got - want).abs() <= want.abs() * 1e-5,
                    "{set:?} {format:?}: {got} {want}"
                );
            }
        }
    }
}

#[test]
fn a_group_is_full_but_for_the_last() {
    let mut inputs = Inputs::default();
    inputs.resize(GROUP_ROWS + 3, 64, 1).unwrap();
    assert_eq!(inputs.groups(), 2);
    assert_eq!((inputs.group(0).rows, inputs.group(1).rows), (GROUP_ROWS, 3));
    assert_eq!(inputs.group(1).first, GROUP_ROWS);
}
