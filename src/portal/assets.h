#pragma once

#include <span>
#include <string_view>

namespace matricula::portal {

// A file of the web pages, carried in the program.
struct Asset {
  std::string_view path;          // as Vite wrote it, from "/"
  std::string_view content_type;  // complete, with the charset where there is one
  std::string_view tag;           // changes with the content; ASCII letters and digits
  std::string_view identity;
  std::string_view gzip;  // empty where gzip does not make it smaller
};

// All files, by path in ascending order; none in a build without the web pages. Pure.
std::span<const Asset> assets();

}  // namespace matricula::portal
