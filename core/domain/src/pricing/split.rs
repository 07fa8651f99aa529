//! Parts of amounts that are whole again when summed.

/// `amount × numerator / denominator`, rounded half up to a whole minor unit. The products stay far below 2^127: amounts
/// are below 2^50, parts below 2^15.
pub(super) fn part(amount: i64, numerator: i64, denominator: i64) -> i64 {
    let (twice, whole) = (2 * i128::from(amount) * i128::from(numerator), i128::from(denominator));
    i64::try_from((twice + whole) / (2 * whole)).unwrap_or(i64::MAX)
}

/// Splits `amount` in proportion to `weights`, by largest remainder: everybody gets the whole part of the exact share, and
/// the units that are left go to those whose share was cut most, the first among equals. No share is above its weight
/// where the amount is not above their sum.
pub(super) fn split(amount: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut shares: Vec<i64> =
        weights.iter().map(|weight| i64::try_from(exact(weight) / whole).unwrap_or(i64::MAX)).collect();
    let given: i128 = shares.iter().copied().map(i128::from).sum();
    let left = usize::try_from(i128::from(amount) - given).unwrap_or(0);
    if left > 0 {
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|place| std::cmp::Reverse(exact(&weights[*place]) % whole));
        for place in by_remainder.into_iter().take(left) {
            shares[place] += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_up() {
        let cases = [(1_300, 1_250, 163), (1, 5_000, 1), (1, 4_999, 0), (3, 5_000, 2), (0, 10_000, 0), (7, 10_000, 7)];
        for (amount, basis_points, rounded) in cases {
            assert_eq!(part(amount, basis_points, 10_000), rounded, "{amount} × {basis_points}");
        }
        assert_eq!(part(999_999_999_999_999, 10_000, 10_000), 999_999_999_999_999);
        assert_eq!(part(1_190, 1_900, 11_900), 190, "19 % in 11.90");
    }

    #[test]
    fn what_is_split_is_whole_again() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(1, &[1, 2, 1]), [0, 1, 0]);
        assert_eq!(split(5, &[0, 5, 0]), [0, 5, 0]);
        assert_eq!(split(0, &[0, 0]), [0, 0]);
        assert!(split(7, &[]).is_empty());
    }
}
