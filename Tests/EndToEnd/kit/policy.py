"""Policies to land: dictionaries of files, written as people write them."""

import json

from .lab import people

# Every rule that a ruleset can have, in a form that a plain landing satisfies.
RULES = {
    "creation": {},
    "deletion": {},
    "non_fast_forward": {},
    "pull_request": {"required_approving_review_count": 1, "reviewers": ["engineering"]},
    "required_status_checks": {"checks": ["unit"], "tested": "head", "signers": ["ci"]},
    "required_signatures": {},
    "required_linear_history": {},
    "commit_message_pattern": {"pattern": "^[A-Z].{0,71}$", "scope": "subject"},
    "file_path_restriction": {"forbid": ["**/*.pem", ".env"]},
    "max_file_size": {"bytes": 5000},
    "max_file_path_length": {"bytes": 100},
}

CHECKS = {
    "unit": {"run": "python3 -m unittest discover -s tests", "timeout": "5m"},
    "pylint": {
        "run": "pylint --recursive=y .", "paths": ["**/*.py", ".pylintrc"], "timeout": "90s"},
}

TEAMS = {
    "engineering": ["alice", "bob", "carol"],
    "ci": ["ci"],
    "release-managers": ["carol"],
}


def only(*names, **more):
    """The named rules of `RULES`, and others with their parameters."""
    return {**{name: RULES[name] for name in names}, **more}


REVIEWED = only("creation", "deletion", "non_fast_forward", "pull_request")


def ruleset(rules, name="master", include=("refs/heads/master",), **more):
    return {
        "name": name, "target": "branch", "enforcement": "active", "include": list(include),
        "rules": rules, **more}


def signers(*names, **options):
    """allowed_signers with one line for each person, `options` by name before the key."""
    lines = []
    for name in names:
        option = f" {options[name]}" if name in options else ""
        lines.append(f"{people[name].email}{option} {people[name].public}\n")
    return "".join(lines)


def files(
    rules=None, *, rulesets=None, checks=CHECKS, teams=TEAMS, aliases=None, keys=None, owners=None,
    repository="wrk/system", enforcement="active", bypass=("release-managers",), more=None
):
    """All files of a policy: one ruleset for master with `rules`, or the given `rulesets`."""
    if rulesets is None:
        chosen = REVIEWED if rules is None else rules
        rulesets = [ruleset(chosen, enforcement=enforcement, bypass=list(bypass))]
    named = {
        team: [people[m].email if m in people else m for m in members]
        for team, members in teams.items()}
    person = {
        "repository": repository, "teams": named,
        "aliases": aliases if aliases is not None else {
            "alice@home.example": "alice@wrk.example", "@alice": "alice@wrk.example",
            "@bob": "bob@wrk.example", "@carol": "carol@wrk.example"},
        "outsiders": ["*@outside.example"],
    }
    result = {
        "policies/master.yml": yaml({"rulesets": rulesets}),
        "policies/checks.yml": yaml({"checks": checks}),
        "policies/people.yml": yaml(person),
        "policies/allowed_signers":
            keys if keys is not None else signers("alice", "bob", "carol", "ci"),
    }
    if owners is not None:
        result["CODEOWNERS"] = owners
    result.update(more or {})
    return result


def yaml(value, depth=0):
    """A document in block style; scalars as JSON writes them."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        lines = []
        for name, inner in value.items():
            key = name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)
            if isinstance(inner, (dict, list)) and inner:
                lines.append(f"{pad}{key}:\n{yaml(inner, depth + 1)}")
            else:
                lines.append(f"{pad}{key}: {json.dumps(inner, ensure_ascii=False)}\n")
        return "".join(lines)
    if isinstance(value, list) and value:
        lines = []
        for inner in value:
            if isinstance(inner, (dict, list)) and inner:
                body = yaml(inner, depth + 1)
                lines.append(f"{pad}- {body[len(pad) + 2:]}")
            else:
                lines.append(f"{pad}- {json.dumps(inner, ensure_ascii=False)}\n")
        return "".join(lines)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"
