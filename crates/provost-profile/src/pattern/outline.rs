//! A profile with gaps: its files, and what they cannot express.

use super::text::{Text, Values};
use super::{Buffers, Filled, LossesOf};
use crate::profile::{File, FileName, Loss, Profile};

/// A profile with gaps.
#[derive(Debug)]
pub(super) struct Outline {
    files: Vec<FileOutline>,
    losses: Losses,
}

#[derive(Debug)]
struct FileOutline {
    name: Name,
    install: Option<Text>,
    bytes: Text,
}

#[derive(Debug)]
enum Name {
    /// The same for everybody.
    Own(FileName),
    /// A path that may have gaps.
    Below(Text),
}

#[derive(Debug)]
enum Losses {
    OfEverybody(Vec<Loss>),
    Personal(Vec<LossOutline>),
}

#[derive(Debug)]
struct LossOutline {
    /// With the text of the probe where the gaps are.
    loss: Loss,
    asked: Text,
    written: Option<Text>,
}

impl Outline {
    /// The outline of what was written of a person.
    pub(super) fn of(profile: &Profile, mut values: Values<'_>) -> Self {
        let files = profile.files.iter().map(|file| FileOutline::of(file, &mut values)).collect();
        let losses: Vec<LossOutline> = profile.losses.iter().map(|loss| LossOutline::of(loss, &mut values)).collect();
        let losses = match losses.iter().all(LossOutline::is_fixed) {
            true => Losses::OfEverybody(profile.losses.clone()),
            false => Losses::Personal(losses),
        };
        Self { files, losses }
    }

    /// The profile of another person. `number` is that of the losses, if they are everybody's.
    pub(super) fn fill<'b>(&'b self, mut values: Values<'_>, number: usize, buffers: &'b mut Buffers) -> Filled<'b> {
        let Buffers { files, losses } = buffers;
        let nothing = || File { name: FileName::Below(String::new()), install: None, bytes: Vec::new() };
        files.resize_with(self.files.len(), nothing);
        for (outline, file) in self.files.iter().zip(files.iter_mut()) {
            outline.fill(&mut values, file);
        }
        let (losses, losses_of) = match &self.losses {
            Losses::OfEverybody(losses) => (losses, LossesOf::Everybody(number)),
            Losses::Personal(outlines) => {
                losses.clear();
                losses.extend(outlines.iter().map(|outline| outline.filled(&mut values)));
                (&*losses, LossesOf::ThePerson)
            }
        };
        Filled { files, losses, losses_of }
    }
}

impl FileOutline {
    fn of(File { name, install, bytes }: &File, values: &mut Values<'_>) -> Self {
        let name = match name {
            FileName::Own { .. } => Name::Own(name.clone()),
            FileName::Below(path) => Name::Below(Text::of(path.as_bytes(), values)),
        };
        let install = install.as_ref().map(|place| Text::of(place.as_bytes(), values));
        Self { name, install, bytes: Text::of(bytes, values) }
    }

    fn fill(&self, values: &mut Values<'_>, file: &mut File) {
        match &self.name {
            Name::Own(name) if file.name == *name => {}
            Name::Own(name) => file.name = name.clone(),
            Name::Below(path) => file.name = FileName::Below(path.filled(values)),
        }
        file.install = self.install.as_ref().map(|place| place.filled(values));
        file.bytes.clear();
        self.bytes.fill(values, &mut file.bytes);
    }
}

impl LossOutline {
    fn of(loss: &Loss, values: &mut Values<'_>) -> Self {
        let asked = Text::of(loss.asked.as_bytes(), values);
        let written = loss.written.as_ref().map(|written| Text::of(written.as_bytes(), values));
        Self { loss: loss.clone(), asked, written }
    }

    fn is_fixed(&self) -> bool {
        self.asked.is_fixed() && self.written.as_ref().is_none_or(Text::is_fixed)
    }

    fn filled(&self, values: &mut Values<'_>) -> Loss {
        let Loss { setting, reason, source, .. } = &self.loss;
        let written = self.written.as_ref().map(|written| written.filled(values));
        Loss { setting: setting.clone(), asked: self.asked.filled(values), written, reason, source }
    }
}
