//! The edge filter: how strongly brightness changes at each pixel, by Sobel's two 3 × 3 kernels.

/// Brightness of each pixel of a red-green-blue picture, by the weights of ITU-R BT.601.
pub fn brightness(rgb: &[u8]) -> Vec<u8> {
    let weigh = |p: &[u8; 3]| (299 * u32::from(p[0]) + 587 * u32::from(p[1]) + 114 * u32::from(p[2])) / 1000;
    rgb.as_chunks::<3>().0.iter().map(|pixel| weigh(pixel) as u8).collect()
}

/// Writes |gx| + |gy| at each pixel of a picture of `width` columns, cut off at 255; the outermost pixels are 0.
///
/// `grey` and `edges` hold one byte a pixel, row by row, and are equally long.
pub fn sobel(grey: &[u8], width: usize, edges: &mut [u8]) {
    edges.fill(0);
    let rows: Vec<&[u8]> = grey.chunks_exact(width).collect();
    for (above, out) in rows.windows(3).zip(edges.chunks_exact_mut(width).skip(1)) {
        for column in 1..width - 1 {
            let at = |row: usize, shift: usize| i32::from(above[row][column + shift - 1]);
            let gx = at(0, 2) + 2 * at(1, 2) + at(2, 2) - at(0, 0) - 2 * at(1, 0) - at(2, 0);
            let gy = at(2, 0) + 2 * at(2, 1) + at(2, 2) - at(0, 0) - 2 * at(0, 1) - at(0, 2);
            out[column] = (gx.abs() + gy.abs()).min(255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_has_no_edges() {
        let mut edges = [9; 5 * 4];
        sobel(&[77; 5 * 4], 5, &mut edges);
        assert_eq!(edges, [0; 5 * 4]);
    }

    #[test]
    fn an_edge_shows_in_the_columns_beside_it_and_not_on_the_border() {
        let mut edges = [9; 6 * 3];
        sobel(&[0, 0, 0, 10, 10, 10].repeat(3), 6, &mut edges);
        assert_eq!(edges[..6], [0; 6]);
        assert_eq!(edges[6..12], [0, 0, 40, 40, 0, 0]);
        assert_eq!(edges[12..], [0; 6]);
    }

    #[test]
    fn green_is_brighter_than_red_and_red_than_blue() {
        assert_eq!(brightness(&[255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]), [76, 149, 29, 255]);
    }
}
