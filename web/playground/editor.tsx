import "@graphiql/react/setup-workers/vite";
// The parts of graphiql/style.css without its fonts: the pages use those of the system.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { Kind, type OperationDefinitionNode, buildSchema, parse } from "graphql";
import { useEffect, useMemo, useRef } from "react";
import type { Endpoint } from "virtual:endpoints";

import { chosenTheme } from "../common/theme";

import type { Opened } from "./address";
import { type Tabs, storageWith } from "./kept_storage";
import { keepTabsPlain } from "./plain_tabs";
import type { transport } from "./transport";

interface Props {
  endpoint: Endpoint;
  fetcher: ReturnType<typeof transport>;
  // The tabs that were open when this endpoint was left, and where to tell of changes.
  tabs: Tabs | undefined;
  onTabs(tabs: Tabs): void;
  initial: Opened | null;
  // A document to open in a tab of its own; every new object is opened once.
  opened: Opened | null;
}

// What an editor still asked its worker when it went is cancelled, and Monaco rejects promises that are not awaited.
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Error && event.reason.name === "Canceled") {
    event.preventDefault();
  }
});

// What is run of a document: its first operation. Nothing where it is no document, which the server is left to say.
function operationFacts(query: string) {
  try {
    const documentAST = parse(query);
    const operations = documentAST.definitions.filter(
      (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
    );
    return { documentAST, operations, operationName: operations[0]?.name?.value };
  } catch {
    return {};
  }
}

function OpenInTab({ opened }: { opened: Opened | null }) {
  const { addTab, setOperationFacts, updateActiveTabValues } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const ready = queryEditor !== undefined && variableEditor !== undefined;
  useEffect(() => {
    if (!opened || !queryEditor || !variableEditor) {
      return;
    }
    if (queryEditor.getValue().trim() !== "") {
      addTab();
    }
    queryEditor.setValue(opened.query);
    variableEditor.setValue(opened.variables);
    // The editors report their text a moment later. Until then it would not be stored, and to run it would ask for the
    // operation of the tab before.
    updateActiveTabValues({ query: opened.query, variables: opened.variables });
    setOperationFacts(operationFacts(opened.query));
    // Only a new document or editors that have just come to be are a reason to open.
  }, [opened, ready]);
  return null;
}

// The editor reads the colours once, when it starts; this sets them again when the system's or the reader's choice changes.
function FollowColours() {
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      const theme = chosenTheme();
      setTheme(theme === "system" ? null : theme);
    };
    follow();
    dark.addEventListener("change", follow);
    addEventListener("matricula:theme", follow);
    return () => {
      dark.removeEventListener("change", follow);
      removeEventListener("matricula:theme", follow);
    };
  }, [setTheme]);
  return null;
}

// GraphiQL for one endpoint. The schema came with the page: completion and its documentation need neither a token nor a request.
export default function Editor({ endpoint, fetcher, tabs, onTabs, initial, opened }: Props) {
  const schema = useMemo(() => buildSchema(endpoint.sdl), [endpoint]);
  // GraphiQL reads its storage once.
  const storage = useMemo(() => storageWith(endpoint.name, tabs), []);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => keepTabsPlain(frame.current!), []);
  // The editors report their text a moment late. What they report when this endpoint has been left is the text of editors that
  // are gone, and must not be stored.
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return (
    <div ref={frame} className="pg-frame">
      <GraphiQL
        fetcher={fetcher as never}
        schema={schema}
        storage={storage}
        onTabChange={(changed) => isHere.current && onTabs(changed)}
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
        initialQuery={initial?.query}
        initialVariables={initial?.variables}
        defaultQuery=""
        defaultEditorToolsVisibility="variables"
      >
        <GraphiQL.Logo>
          <span className="pg-endpoint-path">{endpoint.path}</span>
          <OpenInTab opened={opened} />
          <FollowColours />
        </GraphiQL.Logo>
      </GraphiQL>
    </div>
  );
}
