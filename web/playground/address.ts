// What the address of the page says: `?endpoint=NAME` chooses an endpoint from the fixed list, the fragment carries a document
// and its variables. A fragment stays in the browser, so no log has what is tried here.
import endpoints, { type Endpoint } from "virtual:endpoints";

export interface Opened {
  query: string;
  variables: string;
}

const fallback = endpoints.find(({ name }) => name === "program-progress") ?? endpoints[0]!;

export function endpointNamed(name: string | null): Endpoint {
  return endpoints.find((endpoint) => endpoint.name === name) ?? fallback;
}

export function endpointInAddress(): Endpoint {
  return endpointNamed(new URLSearchParams(location.search).get("endpoint"));
}

export function documentInAddress(): Opened | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const query = fragment.get("query");
  return query === null ? null : { query, variables: fragment.get("variables") ?? "" };
}

export function showEndpointInAddress(endpoint: Endpoint) {
  history.replaceState(null, "", `?endpoint=${encodeURIComponent(endpoint.name)}`);
}
