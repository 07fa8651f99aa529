//! Whose turn it is: the lane that was served least recently, and none more than its share of the workers.

use std::collections::HashMap;

use uuid::Uuid;

/// The lane of the platform's own jobs.
const PLATFORM: Uuid = Uuid::max();
/// How many lanes are remembered.
const REMEMBERED: usize = 10_000;

/// Remembers who was served when, and who is being served.
#[derive(Debug, Default)]
pub(super) struct Turns {
    turn: u64,
    served: HashMap<Uuid, u64>,
    running: HashMap<Uuid, usize>,
}

impl Turns {
    /// How many jobs to take from which of the lanes that have some, for so many idle workers. One lane holds at most
    /// `share` workers: the rest are there for whoever comes next.
    pub(super) fn plan(&self, mut waiting: Vec<Uuid>, idle: usize, share: usize) -> (Vec<Uuid>, Vec<i32>) {
        waiting.sort_by_key(|lane| self.served.get(lane).copied().unwrap_or(0));
        let room = |lane: &Uuid| {
            let limit = if *lane == PLATFORM { usize::MAX } else { share };
            limit.saturating_sub(self.running.get(lane).copied().unwrap_or(0))
        };
        let mut lanes: Vec<(Uuid, usize, i32)> = waiting.iter().map(|lane| (*lane, room(lane), 0)).collect();
        let mut left = idle;
        while left > 0 && lanes.iter().any(|(_, room, _)| *room > 0) {
            for (_, room, count) in lanes.iter_mut().filter(|(_, room, _)| *room > 0).take(left) {
                (*room, *count, left) = (*room - 1, *count + 1, left - 1);
            }
        }
        lanes.into_iter().filter(|(_, _, count)| *count > 0).map(|(lane, _, count)| (lane, count)).unzip()
    }

    /// A job of that lane begins.
    pub(super) fn begins(&mut self, lane: Uuid) {
        self.turn += 1;
        self.served.insert(lane, self.turn);
        *self.running.entry(lane).or_default() += 1;
        if self.served.len() > REMEMBERED {
            let old = self.turn.saturating_sub(REMEMBERED as u64 / 2);
            self.served.retain(|_, turn| *turn > old);
        }
    }

    /// A job of that lane ended.
    pub(super) fn ends(&mut self, lane: Uuid) {
        if let Some(count) = self.running.get_mut(&lane) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(&lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(number: u64) -> Uuid {
        Uuid::from_u64_pair(0, number)
    }

    #[test]
    fn who_was_served_least_recently_comes_first_and_nobody_takes_all() {
        let mut turns = Turns::default();
        for _ in 0..5 {
            turns.begins(lane(1));
        }
        let (lanes, counts) = turns.plan(vec![lane(1), lane(2)], 3, 6);
        assert_eq!((lanes, counts), (vec![lane(2), lane(1)], vec![2, 1]));
        let (lanes, counts) = turns.plan(vec![lane(1), lane(2)], 1, 6);
        assert_eq!((lanes, counts), (vec![lane(2)], vec![1]));
        turns.begins(lane(1));
        assert_eq!(turns.plan(vec![lane(1)], 2, 6), (vec![], vec![]), "its share is used up");
        turns.ends(lane(1));
        assert_eq!(turns.plan(vec![lane(1)], 2, 6), (vec![lane(1)], vec![1]));
        assert_eq!(turns.plan(vec![PLATFORM], 8, 6), (vec![PLATFORM], vec![8]));
    }
}
