//! The edge filter: how strongly brightness changes at each pixel, by Sobel's two 3 × 3 kernels.

use std::array::from_fn;

/// Brightness of each pixel of a red-green-blue picture, by the weights of ITU-R BT.601.
pub fn brightness<const W: usize, const H: usize>(rgb: &[[[u8; 3]; W]; H]) -> [[u8; W]; H] {
    let weigh = |[red, green, blue]: [u8; 3]| {
        ((299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000) as u8
    };
    from_fn(|y| from_fn(|x| weigh(rgb[y][x])))
}

/// Writes |gx| + |gy| at each pixel, cut off at 255, as a grey; the outermost pixels are black.
pub fn sobel<const W: usize, const H: usize>(grey: &[[u8; W]; H], edges: &mut [[[u8; 3]; W]; H]) {
    *edges = [[[0; 3]; W]; H];
    for y in 1..H - 1 {
        for x in 1..W - 1 {
            let at = |dy: usize, dx: usize| i32::from(grey[y + dy - 1][x + dx - 1]);
            let gx = at(0, 2) + 2 * at(1, 2) + at(2, 2) - at(0, 0) - 2 * at(1, 0) - at(2, 0);
            let gy = at(2, 0) + 2 * at(2, 1) + at(2, 2) - at(0, 0) - 2 * at(0, 1) - at(0, 2);
            edges[y][x] = [(gx.abs() + gy.abs()).min(255) as u8; 3];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_has_no_edges() {
        let mut edges = [[[9; 3]; 5]; 4];
        sobel(&[[77; 5]; 4], &mut edges);
        assert_eq!(edges, [[[0; 3]; 5]; 4]);
    }

    #[test]
    fn an_edge_shows_in_the_columns_beside_it_and_not_on_the_border() {
        let mut edges = [[[9; 3]; 6]; 3];
        sobel(&[[0, 0, 0, 10, 10, 10]; 3], &mut edges);
        assert_eq!(edges, [[0; 6], [0, 0, 40, 40, 0, 0], [0; 6]].map(|row| row.map(|grey| [grey; 3])));
    }

    #[test]
    fn green_is_brighter_than_red_and_red_than_blue() {
        assert_eq!(brightness(&[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]]]), [[76, 149, 29, 255]]);
    }
}
