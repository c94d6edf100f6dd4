import type { Company } from "./types";

// With more companies than this there is a search.
const searchedFrom = 8;

// The companies that have the text in their name or slug, in any case.
export function findCompanies(companies: Company[], text: string): Company[] {
  const wanted = text.trim().toLowerCase();
  return companies.filter(
    ({ name, slug }) => name.toLowerCase().includes(wanted) || slug.toLowerCase().includes(wanted),
  );
}

// Where the text for findCompanies() is typed. Nothing where a list of so many is read as fast.
export function CompanySearch({
  count,
  text,
  onChange,
}: {
  count: number;
  text: string;
  onChange: (text: string) => void;
}) {
  return count > searchedFrom ? (
    <input
      type="search"
      className="input"
      aria-label="Find a company"
      placeholder="Find a company"
      value={text}
      onChange={(event) => onChange(event.target.value)}
      // Within a form it would send that.
      onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
    />
  ) : null;
}
