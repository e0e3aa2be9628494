//! THREAD (RFC 5256 §3): by subject and date, and by references.

use std::collections::HashMap;

use super::capabilities::{Capabilities, Capability};
use super::grammar::{Cursor, Parsed};
use super::results::Found;
use super::sort::sent_date;
use super::{Refusal, bad};

/// How messages are grouped into threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    OrderedSubject,
    References,
}

pub(super) fn algorithm(cursor: &mut Cursor<'_>, capabilities: Capabilities) -> Result<Algorithm, Refusal> {
    let name: Parsed<String> = cursor.atom().map(str::to_ascii_uppercase);
    match name?.as_str() {
        "ORDEREDSUBJECT" if capabilities.has(Capability::ThreadOrderedSubject) => Ok(Algorithm::OrderedSubject),
        "REFERENCES" if capabilities.has(Capability::ThreadReferences) => Ok(Algorithm::References),
        _ => Err(bad("no such threading algorithm")),
    }
}

/// A node of a thread: a message, or the place of a missing one.
#[derive(Debug, Default)]
struct Node {
    /// Its index among the messages found.
    message: Option<usize>,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// The threads, each in parentheses, with a space before the first.
pub(super) fn threads(algorithm: Algorithm, found: &[Found<'_>], id: &dyn Fn(&Found<'_>) -> u32) -> String {
    let (nodes, roots) = match algorithm {
        Algorithm::OrderedSubject => by_subject(found),
        Algorithm::References => by_references(found),
    };
    let mut out = String::new();
    for root in roots {
        if out.is_empty() {
            out.push(' ');
        }
        out.push('(');
        write(root, &nodes, found, id, &mut out);
        out.push(')');
    }
    out
}

/// An only child follows its parent, several are in parentheses. Without recursion: a thread may be as long as the
/// mailbox.
fn write(root: usize, nodes: &[Node], found: &[Found<'_>], id: &dyn Fn(&Found<'_>) -> u32, out: &mut String) {
    enum Step {
        Enter(usize),
        Text(&'static str),
    }
    let mut steps = vec![Step::Enter(root)];
    while let Some(step) = steps.pop() {
        let at = match step {
            Step::Text(text) => {
                out.push_str(text);
                continue;
            }
            Step::Enter(at) => at,
        };
        let node = &nodes[at];
        if let Some(message) = node.message {
            out.push_str(&id(&found[message]).to_string());
        }
        match node.children.as_slice() {
            [] => {}
            [only] => {
                steps.push(Step::Enter(*only));
                if node.message.is_some() {
                    steps.push(Step::Text(" "));
                }
            }
            several => {
                for child in several.iter().rev() {
                    steps.push(Step::Text(")"));
                    steps.push(Step::Enter(*child));
                    steps.push(Step::Text("("));
                }
                if node.message.is_some() {
                    steps.push(Step::Text(" "));
                }
            }
        }
    }
}

/// Messages with the same subject are a thread; the first one is the parent of the others.
fn by_subject(found: &[Found<'_>]) -> (Vec<Node>, Vec<usize>) {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_cached_key(|at| sent_date(found[*at].message));
    let mut nodes: Vec<Node> = (0..found.len()).map(|at| Node { message: Some(at), ..Node::default() }).collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut roots = Vec::new();
    for at in order {
        let subject = found[at].message.summary().subject.as_str();
        match first.get(subject) {
            Some(root) => nodes[*root].children.push(at),
            None => {
                first.insert(subject, at);
                roots.push(at);
            }
        }
    }
    (nodes, roots)
}

/// RFC 5256 §3, "REFERENCES", steps (1) to (6).
fn by_references(found: &[Found<'_>]) -> (Vec<Node>, Vec<usize>) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::with_capacity(found.len());
    for (at, it) in found.iter().enumerate() {
        let summary = it.message.summary();
        let own = summary.id.as_deref();
        // (1): "If a message does not contain a Message-ID header line, or the Message-ID header line does not contain a
        // valid Message ID, then assign a unique Message ID"; the same for one that is taken.
        let taken = own.and_then(|id| known.get(id)).is_some_and(|node| nodes[*node].message.is_some());
        let node = match own.filter(|_| !taken) {
            Some(id) => node_of(id, &mut known, &mut nodes),
            None => new_node(&mut nodes),
        };
        nodes[node].message = Some(at);
        let chain: Vec<usize> = summary.references.iter().map(|id| node_of(id, &mut known, &mut nodes)).collect();
        for pair in chain.windows(2) {
            if nodes[pair[1]].parent.is_none() {
                link(pair[0], pair[1], &mut nodes);
            }
        }
        if let Some(parent) = chain.last() {
            // What the message says of itself overrides what others say.
            unlink(node, &mut nodes);
            link(*parent, node, &mut nodes);
        }
    }
    let roots: Vec<usize> = (0..nodes.len()).filter(|at| nodes[*at].parent.is_none()).collect();
    let roots = pruned(roots, &mut nodes);
    let mut roots = gathered(roots, &mut nodes, found);
    for at in 0..nodes.len() {
        let mut children = std::mem::take(&mut nodes[at].children);
        sort_siblings(&mut children, &nodes, found);
        nodes[at].children = children;
    }
    sort_siblings(&mut roots, &nodes, found);
    (nodes, roots)
}

fn node_of<'a>(id: &'a str, known: &mut HashMap<&'a str, usize>, nodes: &mut Vec<Node>) -> usize {
    *known.entry(id).or_insert_with(|| new_node(nodes))
}

fn new_node(nodes: &mut Vec<Node>) -> usize {
    nodes.push(Node::default());
    nodes.len() - 1
}

/// Makes one the parent of the other, unless that would close a loop.
fn link(parent: usize, child: usize, nodes: &mut [Node]) {
    let mut above = Some(parent);
    while let Some(at) = above {
        if at == child {
            return;
        }
        above = nodes[at].parent;
    }
    nodes[child].parent = Some(parent);
    nodes[parent].children.push(child);
}

fn unlink(child: usize, nodes: &mut [Node]) {
    if let Some(parent) = nodes[child].parent.take() {
        nodes[parent].children.retain(|it| *it != child);
    }
}

/// (3): the children of a missing message take its place; at the root, only an only child does.
fn pruned(roots: Vec<usize>, nodes: &mut [Node]) -> Vec<usize> {
    // Parents are found before their children, and are handled after them.
    let mut order = Vec::new();
    let mut stack = roots.clone();
    while let Some(at) = stack.pop() {
        order.push(at);
        stack.extend(&nodes[at].children);
    }
    for at in order.into_iter().rev() {
        let mut kept = Vec::new();
        for child in std::mem::take(&mut nodes[at].children) {
            match nodes[child].message {
                Some(_) => kept.push(child),
                None => kept.append(&mut nodes[child].children),
            }
        }
        nodes[at].children = kept;
    }
    roots
        .into_iter()
        .filter_map(|root| match (nodes[root].message, nodes[root].children.as_slice()) {
            (None, []) => None,
            (None, [only]) => Some(*only),
            (Some(_), _) | (None, _) => Some(root),
        })
        .collect()
}

/// (5): threads with the same base subject are merged.
fn gathered(roots: Vec<usize>, nodes: &mut Vec<Node>, found: &[Found<'_>]) -> Vec<usize> {
    let subject_of = |root: usize, nodes: &[Node]| {
        let mut at = root;
        while nodes[at].message.is_none() {
            at = *nodes[at].children.iter().min_by_key(|child| date(**child, nodes, found))?;
        }
        let summary = found[nodes[at].message?].message.summary();
        (!summary.subject.is_empty()).then_some((summary.subject.as_str(), summary.is_reply))
    };
    // (5.B): of several roots with one subject, the others join a missing message, or else one that is no reply.
    let mut table: HashMap<&str, usize> = HashMap::new();
    for root in &roots {
        let Some((subject, is_reply)) = subject_of(*root, nodes) else { continue };
        let better = table.get(subject).is_none_or(|other| {
            let other_replies = subject_of(*other, nodes).is_some_and(|(_, is_reply)| is_reply);
            let empty = |at: usize| nodes[at].message.is_none();
            empty(*root) && !empty(*other) || !empty(*other) && other_replies && !is_reply
        });
        if better {
            table.insert(subject, *root);
        }
    }
    let mut kept = Vec::new();
    let mut placed: HashMap<usize, usize> = HashMap::new();
    for root in roots {
        let Some((subject, is_reply)) = subject_of(root, nodes) else {
            kept.push(root);
            continue;
        };
        let target = table[subject];
        let target = *placed.get(&target).unwrap_or(&target);
        if target == root || table[subject] == root {
            kept.push(root);
            continue;
        }
        match (nodes[target].message, nodes[root].message) {
            (None, None) => {
                let mut children = std::mem::take(&mut nodes[root].children);
                nodes[target].children.append(&mut children);
            }
            (None, Some(_)) => nodes[target].children.push(root),
            (Some(message), Some(_)) if is_reply && !found[message].message.summary().is_reply => {
                nodes[target].children.push(root);
            }
            (Some(_), _) => {
                let both = new_node(nodes);
                nodes[both].children = vec![target, root];
                placed.insert(table[subject], both);
                kept.retain(|it| *it != target);
                kept.push(both);
            }
        }
    }
    // A root that others joined is in the list twice if it comes after them.
    kept.retain(|it| !placed.contains_key(it));
    kept
}

/// (4), (6): by sent date; where dates are equal, in the order of the mailbox.
fn sort_siblings(siblings: &mut [usize], nodes: &[Node], found: &[Found<'_>]) {
    // Most have at most one, and keys cost an allocation.
    if siblings.len() > 1 {
        siblings.sort_by_cached_key(|at| date(*at, nodes, found));
    }
}

/// The date of a node; of a missing message, the date of its first child.
fn date(at: usize, nodes: &[Node], found: &[Found<'_>]) -> (time::OffsetDateTime, usize) {
    match nodes[at].message {
        Some(message) => (sent_date(found[message].message), message),
        None => nodes[at]
            .children
            .iter()
            .map(|child| date(*child, nodes, found))
            .min()
            .unwrap_or((time::OffsetDateTime::UNIX_EPOCH, at)),
    }
}
