//! Which thing of the new side is which of the old: one-to-one.

/// A one-to-one renaming, as far as it is known.
pub(super) struct Renaming {
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<usize>>,
}

impl Renaming {
    pub(super) fn new(old: usize, new: usize) -> Self {
        Self { of_old: vec![None; old], of_new: vec![None; new] }
    }

    /// What a thing of the old side is on the new.
    pub(super) fn of_old(&self, old: usize) -> Option<usize> {
        self.of_old[old]
    }

    /// What a thing of the new side is on the old.
    pub(super) fn of_new(&self, new: usize) -> Option<usize> {
        self.of_new[new]
    }

    /// Whether the two are known to be the same.
    pub(super) fn has(&self, old: usize, new: usize) -> bool {
        self.of_old[old] == Some(new)
    }

    /// Makes the two the same, if neither is another's. Says whether they now
    /// are.
    pub(super) fn bind(&mut self, old: usize, new: usize) -> bool {
        if self.of_old[old].is_none() && self.of_new[new].is_none() {
            self.of_old[old] = Some(new);
            self.of_new[new] = Some(old);
        }
        self.has(old, new)
    }

    /// Makes each of the old the same as the new beside it, or changes
    /// nothing. Tells which of them were not before.
    pub(super) fn bind_all(
        &mut self,
        old: &[usize],
        new: &[usize],
    ) -> Option<Vec<(usize, usize)>> {
        let mut bound = Vec::new();
        for (&old, &new) in old.iter().zip(new) {
            if self.has(old, new) {
                continue;
            }
            if !self.bind(old, new) {
                self.release(&bound);
                return None;
            }
            bound.push((old, new));
        }
        Some(bound)
    }

    /// Takes back what was bound.
    pub(super) fn release(&mut self, bound: &[(usize, usize)]) {
        for &(old, new) in bound {
            self.of_old[old] = None;
            self.of_new[new] = None;
        }
    }
}
