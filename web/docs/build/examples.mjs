// Finds the examples of a page. An example is a fenced block whose language is followed by what to do with it:
//
//   graphql ENDPOINT      a document, sent to that endpoint; a `json variables` block may follow
//   sh run                a script, run in the page's shell
//   python run            a program, run with the page's environment
//   json response         what the example before it answers, exactly, but for what differs from run to run
//   json shape            the same, but only members and their types count
//   http response         status, some headers and the body
//   text output           what the script prints
import MarkdownIt from "markdown-it";

const parser = new MarkdownIt();

// Splits a fence's info string: `graphql catalog` is language `graphql` with the word `catalog`.
export function fenceInfo(info) {
  const [language = "", ...words] = info.trim().split(/\s+/);
  return { language, words };
}

function isRunnable({ language, words }) {
  return (language === "graphql" && words.length === 1) || words[0] === "run";
}

function isAnswer({ words }) {
  return ["response", "shape", "output"].includes(words[0]);
}

// The examples of a Markdown text, in order:
// {line, heading, language, text, endpoint?, variables?, answer?: {kind, language, text, lines}}, `lines` being where the text
// of the answer begins and ends, counted from 0.
export function examplesOf(text) {
  const examples = [];
  let heading = "";
  let last = null;
  const tokens = parser.parse(text, {});
  tokens.forEach((token, i) => {
    if (token.type === "heading_open") {
      heading = tokens[i + 1].content;
      last = null;
      return;
    }
    if (token.type !== "fence") {
      return;
    }
    const info = fenceInfo(token.info);
    if (isRunnable(info)) {
      last = { line: token.map[0] + 1, heading, language: info.language, text: token.content };
      if (info.language === "graphql") {
        last.endpoint = info.words[0];
      }
      examples.push(last);
    } else if (last && info.words[0] === "variables") {
      last.variables = JSON.parse(token.content);
    } else if (last && isAnswer(info)) {
      last.answer = {
        kind: info.words[0],
        language: info.language,
        text: token.content,
        lines: [token.map[0] + 1, token.map[1] - 1],
      };
    }
  });
  return examples;
}

// The address that opens a document in the playground. The document stands in the fragment, which browsers keep to
// themselves: no server log ever holds it.
export function playgroundUrl({ endpoint, text, variables }) {
  const fragment = new URLSearchParams({ query: text.trim() });
  if (variables) {
    fragment.set("variables", JSON.stringify(variables, null, 2));
  }
  return `/playground?endpoint=${encodeURIComponent(endpoint)}#${fragment}`;
}
