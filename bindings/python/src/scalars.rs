//! Scalars between bytes, Python and numpy.

use ipc_schema::model::Scalar;
use ipc_schema::value::Problem;
use numpy::PyArrayDescr;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::errors::Refusal;

/// The first bytes of `bytes` as a little-endian word, zero above.
#[inline]
fn word(scalar: Scalar, bytes: &[u8]) -> u64 {
    let mut low = [0; 8];
    let size = scalar.size() as usize;
    low[..size].copy_from_slice(&bytes[..size]);
    u64::from_le_bytes(low)
}

/// The integer at the beginning of `bytes`; the bit pattern of what is none.
#[inline]
pub(crate) fn integer(scalar: Scalar, bytes: &[u8]) -> i128 {
    let word = word(scalar, bytes);
    match scalar {
        Scalar::Int8 => (word as i8).into(),
        Scalar::Int16 => (word as i16).into(),
        Scalar::Int32 => (word as i32).into(),
        Scalar::Int64 => (word as i64).into(),
        _ => word.into(),
    }
}

/// The float at the beginning of `bytes`, if it is one.
pub(crate) fn float(scalar: Scalar, bytes: &[u8]) -> Option<f64> {
    let word = word(scalar, bytes);
    match scalar {
        Scalar::Float32 => Some(f32::from_bits(word as u32).into()),
        Scalar::Float64 => Some(f64::from_bits(word)),
        _ => None,
    }
}

/// The scalar at the beginning of `bytes`.
#[inline]
pub(crate) fn read(py: Python<'_>, scalar: Scalar, bytes: &[u8]) -> PyResult<Py<PyAny>> {
    let word = word(scalar, bytes);
    match scalar {
        Scalar::Bool => (word != 0).into_py_any(py),
        Scalar::Float32 => widen(word as u32).into_py_any(py),
        Scalar::Float64 => f64::from_bits(word).into_py_any(py),
        Scalar::Int8 => (word as i8).into_py_any(py),
        Scalar::Int16 => (word as i16).into_py_any(py),
        Scalar::Int32 => (word as i32).into_py_any(py),
        Scalar::Int64 => (word as i64).into_py_any(py),
        _ => word.into_py_any(py),
    }
}

/// A float32 as a float of Python. The bits of a NaN stay, which a conversion would make a quiet one.
#[inline]
fn widen(bits: u32) -> f64 {
    let value = f32::from_bits(bits);
    if !value.is_nan() {
        return value.into();
    }
    let sign = u64::from(bits >> 31) << 63;
    f64::from_bits(sign | 0x7ff << 52 | u64::from(bits & 0x7f_ffff) << 29)
}

/// The bits of a float32, from a float of Python.
#[inline]
fn narrow(value: f64) -> u32 {
    if !value.is_nan() {
        return (value as f32).to_bits();
    }
    let (sign, mantissa) = ((value.to_bits() >> 63) as u32, (value.to_bits() >> 29) as u32 & 0x7f_ffff);
    // A NaN whose bits all lie below those of a float32 stays one.
    sign << 31 | 0xff << 23 | if mantissa == 0 { 1 << 22 } else { mantissa }
}

/// The bytes of a scalar that Python has; as many as its size count.
#[inline]
pub(crate) fn bytes_of(scalar: Scalar, value: &Bound<'_, PyAny>) -> Result<[u8; 8], Refusal> {
    let kind = || Refusal::kind(scalar.name(), value);
    Ok(match scalar {
        Scalar::Bool => u64::from(value.is_truthy()?).to_le_bytes(),
        Scalar::Float32 => u64::from(narrow(value.extract::<f64>().map_err(|_| kind())?)).to_le_bytes(),
        Scalar::Float64 => value.extract::<f64>().map_err(|_| kind())?.to_le_bytes(),
        Scalar::Uint64 => value.extract::<u64>().map_err(|_| wrong_integer(scalar, value))?.to_le_bytes(),
        _ => {
            let number = value.extract::<i64>().map_err(|_| wrong_integer(scalar, value))?;
            let (least, greatest) = scalar.integer_range().expect("floats and bool are above");
            if !(least..=greatest).contains(&number.into()) {
                return Err(wrong_integer(scalar, value));
            }
            number.to_le_bytes()
        }
    })
}

#[cold]
fn wrong_integer(scalar: Scalar, value: &Bound<'_, PyAny>) -> Refusal {
    if value.extract::<i128>().is_err() {
        return Refusal::kind(scalar.name(), value);
    }
    Problem::Kind { expected: scalar.name().to_owned(), found: "an integer that it does not hold" }.into()
}

/// The type of an array of these.
pub(crate) fn dtype(py: Python<'_>, scalar: Scalar) -> Bound<'_, PyArrayDescr> {
    match scalar {
        Scalar::Int8 => numpy::dtype::<i8>(py),
        Scalar::Int16 => numpy::dtype::<i16>(py),
        Scalar::Int32 => numpy::dtype::<i32>(py),
        Scalar::Int64 => numpy::dtype::<i64>(py),
        Scalar::Uint8 | Scalar::Char => numpy::dtype::<u8>(py),
        Scalar::Uint16 => numpy::dtype::<u16>(py),
        Scalar::Uint32 => numpy::dtype::<u32>(py),
        Scalar::Uint64 => numpy::dtype::<u64>(py),
        Scalar::Float32 => numpy::dtype::<f32>(py),
        Scalar::Float64 => numpy::dtype::<f64>(py),
        Scalar::Bool => numpy::dtype::<bool>(py),
    }
}
