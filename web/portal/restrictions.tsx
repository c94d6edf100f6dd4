import { useId } from "react";

import type { Restrictions } from "./types";

const titles: Record<string, string> = {
  catalog: "Catalog",
  "program-progress": "Program progress",
  "assessment-progress": "Assessment progress",
  "learning-plan-progress": "Learning plan progress",
  data: "Files and changes",
};

// An endpoint's name as people read it.
export function endpointTitle(name: string): string {
  return titles[name] ?? name;
}

// What a person enters: networks as text, and the endpoints that stay open.
export interface Entered {
  networks: string;
  endpoints: ReadonlySet<string>;
}

export function entered(restrictions: Restrictions, dataEndpoints: string[]): Entered {
  const open = restrictions.endpoints.length === 0 ? dataEndpoints : restrictions.endpoints;
  return { networks: restrictions.networks.join("\n"), endpoints: new Set(open) };
}

// All endpoints are no restriction: what is added later is open too.
export function restrictionsOf(input: Entered, dataEndpoints: string[]): Restrictions {
  const chosen = dataEndpoints.filter((name) => input.endpoints.has(name));
  return {
    networks: input.networks.split(/[\s,;]+/).filter((text) => text !== ""),
    endpoints: chosen.length === dataEndpoints.length ? [] : chosen,
  };
}

// What is wrong with the input, if anything is; the server looks at the networks.
export function problemOf(input: Entered): string | null {
  return input.endpoints.size === 0 ? "Choose at least one endpoint." : null;
}

export function RestrictionFields({
  value,
  dataEndpoints,
  onChange,
}: {
  value: Entered;
  dataEndpoints: string[];
  onChange: (value: Entered) => void;
}) {
  const id = useId();
  const toggle = (name: string, on: boolean) => {
    const endpoints = new Set(value.endpoints);
    if (on) {
      endpoints.add(name);
    } else {
      endpoints.delete(name);
    }
    onChange({ ...value, endpoints });
  };
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Networks</label>
        <textarea
          id={id}
          className="input mono"
          rows={3}
          spellCheck={false}
          placeholder={"192.0.2.0/24\n2001:db8::/32"}
          value={value.networks}
          onChange={(event) => onChange({ ...value, networks: event.target.value })}
          aria-describedby={`${id}-hint`}
        />
        <span id={`${id}-hint`} className="hint">
          One a line: its tokens work from these addresses alone. Empty: from anywhere.
        </span>
      </div>
      <fieldset>
        <legend>Endpoints</legend>
        <span className="hint">Its tokens read these alone.</span>
        <div className="choices" tabIndex={-1}>
          {dataEndpoints.map((name) => (
            <label key={name} className="check">
              <input
                type="checkbox"
                checked={value.endpoints.has(name)}
                onChange={(event) => toggle(name, event.target.checked)}
              />
              {endpointTitle(name)}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}

function listed(texts: string[]): string {
  return texts.length <= 3 ? texts.join(", ") : `${texts.slice(0, 2).join(", ")} and ${texts.length - 2} more`;
}

// In a row of the list: nothing for a credential without restrictions.
export function RestrictionText({ restrictions }: { restrictions: Restrictions | undefined }) {
  if (!restrictions) {
    return null;
  }
  const { networks, endpoints } = restrictions;
  return (
    <div className="small muted" title={[...networks, ...endpoints].join("\n")}>
      {networks.length > 0 ? <div>Only from {listed(networks)}</div> : null}
      {endpoints.length > 0 ? <div>Only {listed(endpoints.map(endpointTitle))}</div> : null}
    </div>
  );
}
