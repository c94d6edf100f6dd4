import type { ReactNode } from "react";

import { ThemeChoice } from "./theme_choice";

const links = [
  { href: "/", name: "Overview" },
  { href: "/docs", name: "Docs" },
  { href: "/playground", name: "Playground" },
  { href: "/login", name: "API access" },
];

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4b43e0" />
      <path
        d="M8 23V9.5l8 7 8-7V23"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

// The bar on top of every page; `current` is the address of the link that leads here. At its end is
// the account of whoever is logged in, which has the choice of colours in it, or that choice alone.
export function SiteHeader({ current, account }: { current: string; account?: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="site-header">
        <div className="site-header-inner">
          <a className="brand" href="/">
            <Mark />
            Matricula
          </a>
          <nav className="site-nav" aria-label="Site">
            {links.map((link) => (
              <a
                key={link.href}
                href={link.href}
                aria-current={link.href === current ? "page" : undefined}
              >
                {link.name}
              </a>
            ))}
          </nav>
          <div className="site-header-end">{account ?? <ThemeChoice />}</div>
        </div>
      </header>
    </>
  );
}
