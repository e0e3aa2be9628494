//! The addresses of a header field (RFC 5322 §3.4, §4.4): names, angle brackets, groups, comments. An unreadable
//! address ends at the next comma and affects no other address.

use super::tokens::{Tokens, is_atext};

/// An address, or the start or the end of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) name: Option<Vec<u8>>,
    /// The source route (RFC 3501 §7.4.2, `addr-adl`).
    pub(crate) route: Option<Vec<u8>>,
    /// Or the name of a group.
    pub(crate) mailbox: Option<Vec<u8>>,
    /// `None` for the start and the end of a group.
    pub(crate) host: Option<Vec<u8>>,
    /// Its place in the field's value.
    pub(crate) place: std::ops::Range<usize>,
}

/// The addresses in a field's value. Each group has a start and an end.
pub(crate) fn addresses(value: &[u8]) -> Vec<Address> {
    let mut all = Vec::new();
    let mut tokens = Tokens::new(value);
    let mut in_group = false;
    while let Some(octet) = tokens.peek() {
        match octet {
            b',' => _ = tokens.take(b','),
            b';' if !in_group => _ = tokens.take(b';'),
            b';' => {
                let start = tokens.position();
                tokens.skip_octet();
                all.push(Address { place: start..tokens.position(), ..Address::default() });
                tokens.skip_blanks();
                in_group = false;
            }
            _ => {
                let group = if in_group { None } else { group(&mut tokens) };
                in_group |= group.is_some();
                all.extend(group.or_else(|| mailbox(&mut tokens)));
            }
        }
    }
    if in_group {
        all.push(Address { place: value.len()..value.len(), ..Address::default() });
    }
    all
}

/// The first address in a field's value: display name; local part or the name of a group; domain.
pub(crate) fn first_address(value: &[u8]) -> Option<(Option<String>, String, String)> {
    let text = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
    let first = addresses(value).into_iter().find(|it| it.mailbox.is_some())?;
    Some((first.name.map(text), text(first.mailbox?), first.host.map_or_else(String::new, text)))
}

/// Addresses in the form in which they are searched: as in RFC 5322, without comments and needless blanks. A name is
/// quoted unless it is an atom or encoded (RFC 2047 §5 forbids encoded words in quotes), as in Dovecot.
pub(crate) fn written(addresses: &[Address]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut in_group = false;
    let mut is_first = true;
    for address in addresses {
        if address.host.is_none() && address.mailbox.is_none() {
            out = out.trim_ascii_end().to_vec();
            out.push(b';');
            (in_group, is_first) = (false, false);
            continue;
        }
        if !is_first {
            out.extend(b", ");
        }
        is_first = false;
        let mailbox = address.mailbox.as_deref().unwrap_or(b"");
        if address.host.is_none() && !in_group {
            out.extend([mailbox, b": "].concat());
            (in_group, is_first) = (true, true);
            continue;
        }
        let mut spec =
            if mailbox.split(|octet| *octet == b'.').all(is_atom) { mailbox.to_vec() } else { quoted(mailbox) };
        if let Some(host) = &address.host {
            spec.extend([b"@", host.as_slice()].concat());
        }
        let name = address.name.as_deref().map(|name| {
            let is_bare = is_atom(name) || name.windows(2).any(|two| two == b"=?");
            if is_bare { name.to_vec() } else { quoted(name) }
        });
        match (name, &address.route) {
            (None, None) => out.extend(spec),
            (name, route) => {
                out.extend(name.map_or(Vec::new(), |name| [name.as_slice(), b" "].concat()));
                let route = route.as_ref().map_or(Vec::new(), |route| [route.as_slice(), b":"].concat());
                out.extend([b"<", route.as_slice(), &spec, b">"].concat());
            }
        }
    }
    out
}

fn is_atom(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|octet| is_atext(*octet))
}

pub(crate) fn quoted(text: &[u8]) -> Vec<u8> {
    let escaped = text.iter().flat_map(|octet| {
        let needs = matches!(octet, b'"' | b'\\');
        needs.then_some(b'\\').into_iter().chain([*octet])
    });
    [b'"'].into_iter().chain(escaped).chain([b'"']).collect()
}

/// ```abnf
/// group = display-name ":" [group-list] ";" [CFWS]      ; up to the ":"
/// ```
fn group(tokens: &mut Tokens<'_>) -> Option<Address> {
    let mut ahead = tokens.clone();
    let start = ahead.position();
    // RFC 5322 requires a name; without one, the members of the group still count.
    let name: Vec<u8> = ahead.phrase().into_iter().flatten().collect();
    if ahead.peek() != Some(b':') {
        return None;
    }
    ahead.skip_octet();
    let place = start..ahead.position();
    ahead.skip_blanks();
    *tokens = ahead;
    Some(Address { mailbox: Some(name), place, ..Address::default() })
}

/// One address, up to the comma or the end of its group. `None` if there is none.
///
/// ```abnf
/// mailbox = name-addr / addr-spec
/// ```
fn mailbox(tokens: &mut Tokens<'_>) -> Option<Address> {
    let start = tokens.position();
    let mut address = name_addr(tokens).unwrap_or_else(|| addr_spec(tokens));
    while let Some(octet) = tokens.peek().filter(|octet| !matches!(octet, b',' | b';')) {
        if octet == b'<' && address.host.is_none() {
            // The name is no phrase, but an address follows.
            let name = tokens.between(start).trim_ascii().to_vec();
            address = angle_addr(tokens, Some(name));
        } else if tokens.quoted().is_none() {
            tokens.skip_octet();
            tokens.skip_blanks();
        }
    }
    if address == Address::default() {
        return None;
    }
    // Dovecot 2.3 names the missing half too, so that it does not look like a group.
    address.mailbox.get_or_insert_with(|| b"MISSING_MAILBOX".to_vec());
    address.host.get_or_insert_with(|| b"MISSING_DOMAIN".to_vec());
    Some(Address { place: start..tokens.position(), ..address })
}

/// ```abnf
/// name-addr  = [display-name] angle-addr
/// ```
fn name_addr(tokens: &mut Tokens<'_>) -> Option<Address> {
    let mut ahead = tokens.clone();
    let name = ahead.phrase();
    if ahead.peek() != Some(b'<') {
        return None;
    }
    *tokens = ahead;
    Some(angle_addr(tokens, name))
}

/// An address in angle brackets; the next octet is the first bracket.
fn angle_addr(tokens: &mut Tokens<'_>, name: Option<Vec<u8>>) -> Address {
    tokens.take(b'<');
    let mut address = Address { name: name.filter(|name| !name.is_empty()), ..Address::default() };
    if tokens.peek() == Some(b'@') {
        address.route = Some(route(tokens));
    }
    address.mailbox = local_part(tokens);
    if tokens.take(b'@') {
        address.host = tokens.domain();
    }
    if !tokens.take(b'>') {
        // As in Dovecot 2.3.
        address.host = Some(b"SYNTAX_ERROR".to_vec());
    }
    address
}

/// An address without brackets; a comment is its name.
fn addr_spec(tokens: &mut Tokens<'_>) -> Address {
    tokens.comment.clear();
    let is_quoted = tokens.peek() == Some(b'"');
    let mailbox = local_part(tokens);
    if tokens.take(b'@') {
        let host = tokens.domain();
        let comment = std::mem::take(&mut tokens.comment);
        return Address { name: Some(comment).filter(|it| !it.is_empty()), mailbox, host, ..Address::default() };
    }
    let comment = std::mem::take(&mut tokens.comment);
    if !comment.is_empty() {
        return Address { name: Some(comment), mailbox, ..Address::default() };
    }
    // Several words without an address are a name; a single one is a local part, unless it is quoted.
    match (mailbox, tokens.phrase()) {
        (Some(one), Some(more)) => Address { name: Some([&one, &b" "[..], &more].concat()), ..Address::default() },
        (Some(one), None) if is_quoted => Address { name: Some(one), ..Address::default() },
        (mailbox, _) => Address { mailbox, ..Address::default() },
    }
}

fn local_part(tokens: &mut Tokens<'_>) -> Option<Vec<u8>> {
    let mut local = match tokens.quoted() {
        Some(text) => text,
        // The grammar has no dot at the start, but there are such addresses.
        None if tokens.peek() == Some(b'.') => Vec::new(),
        None => tokens.dot_atom()?,
    };
    // RFC 5322 §4.4: `obs-local-part = word *("." word)`.
    while tokens.peek() == Some(b'.') {
        local.push(b'.');
        tokens.take(b'.');
        match tokens.quoted().or_else(|| tokens.dot_atom()) {
            Some(more) => local.extend(more),
            None => break,
        }
    }
    Some(local)
}

/// ```abnf
/// obs-route = obs-domain-list ":"      ; obs-domain-list = "@" domain *("," [CFWS] ["@" domain])
/// ```
fn route(tokens: &mut Tokens<'_>) -> Vec<u8> {
    let mut route = Vec::new();
    while tokens.take(b'@') {
        if !route.is_empty() {
            route.push(b',');
        }
        route.push(b'@');
        route.extend(tokens.domain().into_iter().flatten());
        while tokens.take(b',') {}
    }
    tokens.take(b':');
    route
}
