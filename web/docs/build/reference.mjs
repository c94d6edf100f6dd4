// The reference of an endpoint, made from its schema: queries, mutations and every type, with arguments, descriptions, defaults
// and deprecations.
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  parse,
  print,
  validate,
  astFromValue,
} from "graphql";
import MarkdownIt from "markdown-it";

import { examplesOf } from "./examples.mjs";
import { escapeHtml } from "./markdown.mjs";

const markdown = new MarkdownIt({ html: false });

function describe(description) {
  return description ? `<div class="field-text">${markdown.render(description)}</div>` : "";
}

function deprecation(reason) {
  return reason ? `<p class="deprecated">Deprecated: ${markdown.renderInline(reason)}</p>` : "";
}

// A type as SDL writes it, its name linked to where the page describes it.
function typeLink(type) {
  const named = getNamedType(type);
  const text = escapeHtml(String(type));
  return isSpecifiedScalarType(named)
    ? `<code class="type">${text}</code>`
    : `<code class="type">${text.replace(named.name, `<a href="#${named.name}">${named.name}</a>`)}</code>`;
}

function defaultOf(argument) {
  if (argument.defaultValue === undefined) {
    return "";
  }
  const value = print(astFromValue(argument.defaultValue, argument.type));
  return ` <span class="default">default <code>${escapeHtml(value)}</code></span>`;
}

function entry(id, name, type, item, inner = "") {
  return (
    `<div class="field" id="${id}"><div class="field-head"><a class="field-name" href="#${id}"><code>${name}</code></a> ` +
    `${type ? typeLink(type) : ""}${type && "defaultValue" in item ? defaultOf(item) : ""}</div>` +
    `${describe(item.description)}${deprecation(item.deprecationReason)}${inner}</div>\n`
  );
}

function argumentsOf(owner, field) {
  if (field.args.length === 0) {
    return "";
  }
  const rows = field.args.map((a) => entry(`${owner}.${field.name}.${a.name}`, a.name, a.type, a));
  return `<div class="arguments"><p class="arguments-head">Arguments</p>${rows.join("")}</div>`;
}

function fieldsOf(type) {
  return Object.values(type.getFields())
    .map((field) =>
      entry(
        `${type.name}.${field.name}`,
        field.name,
        field.type,
        field,
        "args" in field ? argumentsOf(type.name, field) : "",
      ),
    )
    .join("");
}

function bodyOf(type) {
  if (isEnumType(type)) {
    return type
      .getValues()
      .map((v) => entry(`${type.name}.${v.name}`, v.name, null, v))
      .join("");
  }
  return isScalarType(type) ? "" : fieldsOf(type);
}

// Where a type is used: `ProgramProgressInput.filter` and the like.
function usesOf(schema, type) {
  const uses = [];
  for (const owner of ownTypes(schema)) {
    if (isEnumType(owner) || isScalarType(owner)) continue;
    for (const field of Object.values(owner.getFields())) {
      const members = [field, ...(field.args ?? [])];
      if (members.some((member) => getNamedType(member.type) === type)) {
        uses.push(`${owner.name}.${field.name}`);
      }
    }
  }
  return uses;
}

function ownTypes(schema) {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

const kinds = [
  { title: "Objects", is: isObjectType },
  { title: "Inputs", is: isInputObjectType },
  { title: "Enums", is: isEnumType },
  { title: "Scalars", is: isScalarType },
];

function typeSection(schema, type) {
  const uses = usesOf(schema, type)
    .map((use) => `<a href="#${use}"><code>${use}</code></a>`)
    .join(", ");
  return (
    `<section class="type-block"><h3 id="${type.name}">${type.name}` +
    `<a class="anchor" href="#${type.name}" aria-label="Link to ${type.name}">#</a></h3>` +
    `${describe(type.description)}${uses ? `<p class="uses">Used by ${uses}</p>` : ""}${bodyOf(type)}</section>\n`
  );
}

// The generated part of an endpoint's page: {html, headings, entries}, the entries being what the search finds:
// {kind: "type", "field", "input" or "value", id, title, owner, type, text}.
export function renderReference(endpoint) {
  const schema = buildSchema(endpoint.sdl);
  const roots = [
    ["Queries", schema.getQueryType()],
    ["Mutations", schema.getMutationType()],
  ].filter(([, type]) => type);
  const rootTypes = roots.map(([, type]) => type);
  const headings = [];
  const entries = [];
  let html = "";
  const heading = (title) => {
    headings.push({ level: 2, id: title.toLowerCase(), title });
    html += `<h2 id="${title.toLowerCase()}">${title}</h2>\n`;
  };
  for (const [title, type] of roots) {
    heading(title);
    html += fieldsOf(type);
    entries.push(...memberEntries(type));
    Object.keys(type.getFields()).forEach((name) =>
      headings.push({ level: 3, id: `${type.name}.${name}`, title: name }),
    );
  }
  for (const { title, is } of kinds) {
    const types = ownTypes(schema).filter((type) => is(type) && !rootTypes.includes(type));
    if (types.length === 0) continue;
    heading(title);
    for (const type of types) {
      headings.push({ level: 3, id: type.name, title: type.name });
      html += typeSection(schema, type);
      entries.push({
        kind: "type",
        id: type.name,
        title: type.name,
        type: title.slice(0, -1).toLowerCase(),
        text: type.description ?? "",
      });
      entries.push(...memberEntries(type));
    }
  }
  return { html, headings, entries };
}

// What the search finds of a type's members: its fields with their arguments, or its values.
function memberEntries(type) {
  const entryOf = (kind, id, name, item) => ({
    kind,
    id,
    title: name,
    owner: id.slice(0, id.lastIndexOf(".")),
    type: item.type ? String(item.type) : "",
    text: item.description ?? "",
  });
  if (isScalarType(type)) {
    return [];
  }
  if (isEnumType(type)) {
    return type.getValues().map((value) => entryOf("value", `${type.name}.${value.name}`, value.name, value));
  }
  return Object.values(type.getFields()).flatMap((field) => {
    const id = `${type.name}.${field.name}`;
    return [
      entryOf(isObjectType(type) ? "field" : "input", id, field.name, field),
      ...(field.args ?? []).map((one) => entryOf("input", `${id}.${one.name}`, one.name, one)),
    ];
  });
}

// Throws where an example of the endpoint's page is not valid, or a query or mutation has no example.
export function checkExamples(endpoint) {
  const schema = buildSchema(endpoint.sdl);
  const shown = new Set();
  for (const example of examplesOf(endpoint.text).filter((e) => e.endpoint === endpoint.name)) {
    const document = parse(example.text);
    const errors = validate(schema, document);
    if (errors.length > 0) {
      throw new Error(`${endpoint.source}:${example.line}: ${errors[0].message}`);
    }
    for (const definition of document.definitions) {
      definition.selectionSet?.selections.forEach((selection) => shown.add(selection.name?.value));
    }
  }
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const name of Object.keys(type?.getFields() ?? {})) {
      if (!shown.has(name)) {
        throw new Error(`${endpoint.source}: ${name} has no example.`);
      }
    }
  }
}
