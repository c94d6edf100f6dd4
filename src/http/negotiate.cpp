#include "http/negotiate.h"

#include <algorithm>

#include "http/message.h"

namespace matricula::http {
namespace {

constexpr int kQualityMax = 1000;  // qualities are thousandths: three digits at most

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Cuts the text before the next `separator` that is not inside a quoted string off `rest`.
std::string_view take_member(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != separator); ++end) {
    if (quoted && rest[end] == '\\' && end + 1 < rest.size()) {
      ++end;
    } else if (rest[end] == '"') {
      quoted = !quoted;
    }
  }
  const std::string_view member = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return member;
}

struct Parameter {
  std::string_view name;
  std::string value;
};

std::optional<Parameter> parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) {
    return std::nullopt;
  }
  Parameter parameter{.name = text.substr(0, equals), .value = {}};
  std::string_view value = text.substr(equals + 1);
  if (is_token(value)) {
    parameter.value = value;
    return parameter;
  }
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') {
    return std::nullopt;
  }
  value = value.substr(1, value.size() - 2);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && ++i == value.size()) {
      return std::nullopt;
    }
    parameter.value += value[i];
  }
  return parameter;
}

// RFC 9110 section 12.4.2: 0 to 1 with at most three digits, in thousandths here.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
      (text.size() > 1 && text[1] != '.')) {
    return std::nullopt;
  }
  int quality = (text[0] - '0') * kQualityMax;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    quality += (c - '0') * unit;
    unit /= 10;
  }
  return quality <= kQualityMax ? std::optional(quality) : std::nullopt;
}

// A member of Accept or Accept-Encoding: a name, how much it is wanted, and its charset.
struct Member {
  std::string_view name;
  int quality = kQualityMax;
  std::string charset = {};
};

std::optional<Member> parse_member(std::string_view text) {
  Member member{.name = take_member(text, ';')};
  while (!text.empty()) {
    const auto parameter = parse_parameter(take_member(text, ';'));
    if (!parameter) {
      return std::nullopt;
    }
    if (same_name(parameter->name, "q")) {
      const auto quality = parse_quality(parameter->value);
      if (!quality) {
        return std::nullopt;
      }
      member.quality = *quality;
      break;  // what follows extends Accept and says nothing of the type
    }
    if (same_name(parameter->name, "charset")) {
      member.charset = lower(parameter->value);
    }
  }
  return member;
}

// 0: no match; else the more, the more exactly the range names the offer.
int match(const Member& range, std::string_view offer) {
  const int bonus = range.charset.empty() ? 0 : 1;
  if (bonus == 1 && range.charset != "utf-8" && range.charset != "utf8") {
    return 0;
  }
  if (same_name(range.name, offer)) {
    return 5 + bonus;
  }
  const std::string_view type = offer.substr(0, offer.find('/') + 1);
  if (range.name.size() == type.size() + 1 && range.name.back() == '*' &&
      same_name(range.name.substr(0, type.size()), type)) {
    return 3 + bonus;
  }
  return range.name == "*/*" ? 1 + bonus : 0;
}

template <typename Use>
void for_each_member(std::string_view list, Use&& use) {
  for (std::size_t count = 0; !list.empty() && count < kListMembersMax; ++count) {
    if (const auto member = parse_member(take_member(list, ','))) {
      use(*member);
    }
  }
}

struct CodingQualities {
  int identity;
  int gzip;
  int zstd;
};

CodingQualities coding_qualities(std::string_view accept_encoding) {
  constexpr int kUnnamed = -1;
  CodingQualities quality{kUnnamed, kUnnamed, kUnnamed};
  int others = kUnnamed;
  for_each_member(accept_encoding, [&](const Member& member) {
    if (same_name(member.name, "identity")) {
      quality.identity = member.quality;
    } else if (same_name(member.name, "gzip") || same_name(member.name, "x-gzip")) {
      quality.gzip = member.quality;
    } else if (same_name(member.name, "zstd")) {
      quality.zstd = member.quality;
    } else if (member.name == "*") {
      others = member.quality;
    }
  });
  for (int* value : {&quality.identity, &quality.gzip, &quality.zstd}) {
    *value = *value == kUnnamed ? others : *value;
  }
  // Unnamed, identity is acceptable still, but any coding that is wanted goes before it.
  quality.identity = std::max(quality.identity, 0);
  return quality;
}

}  // namespace

bool MediaType::is(std::string_view full_name) const {
  const std::size_t slash = full_name.find('/');
  return slash != std::string_view::npos && type == full_name.substr(0, slash) &&
         subtype == full_name.substr(slash + 1);
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  const std::string_view name = take_member(text, ';');
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || !is_token(name.substr(0, slash)) ||
      !is_token(name.substr(slash + 1))) {
    return std::nullopt;
  }
  MediaType media{.type = lower(name.substr(0, slash)),
                  .subtype = lower(name.substr(slash + 1)),
                  .charset = {}};
  while (!text.empty()) {
    const std::string_view member = take_member(text, ';');
    if (member.empty()) {
      continue;  // RFC 9110 section 5.6.6 allows empty parameters
    }
    const auto parameter = parse_parameter(member);
    if (!parameter) {
      return std::nullopt;
    }
    if (same_name(parameter->name, "charset")) {
      if (!media.charset.empty() || parameter->value.empty()) {
        return std::nullopt;
      }
      media.charset = lower(parameter->value);
    }
  }
  return media;
}

std::optional<std::size_t> best_offer(std::optional<std::string_view> accept,
                                      std::initializer_list<std::string_view> offers) {
  if (!accept || trim(*accept).empty()) {
    return 0;
  }
  std::optional<std::size_t> best;
  int best_quality = 0;
  std::size_t index = 0;
  for (const std::string_view offer : offers) {
    int quality = 0;
    int specificity = 0;
    for_each_member(*accept, [&](const Member& member) {
      const int matched = match(member, offer);
      if (matched > specificity) {
        specificity = matched;
        quality = member.quality;
      }
    });
    if (quality > best_quality) {
      best_quality = quality;
      best = index;
    }
    ++index;
  }
  return best;
}

std::string_view coding_name(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kIdentity:
      return "identity";
    case ContentCoding::kGzip:
      return "gzip";
    case ContentCoding::kZstd:
      return "zstd";
  }
  return {};
}

bool accepts_gzip(std::optional<std::string_view> accept_encoding) {
  if (!accept_encoding) {
    return false;
  }
  const CodingQualities wanted = coding_qualities(*accept_encoding);
  return wanted.gzip > 0 && wanted.gzip >= wanted.identity;
}

ContentCoding best_coding(std::optional<std::string_view> accept_encoding) {
  if (!accept_encoding) {
    return ContentCoding::kIdentity;
  }
  const CodingQualities wanted = coding_qualities(*accept_encoding);
  if (wanted.zstd > 0 && wanted.zstd >= wanted.gzip && wanted.zstd >= wanted.identity) {
    return ContentCoding::kZstd;
  }
  return wanted.gzip > 0 && wanted.gzip >= wanted.identity ? ContentCoding::kGzip
                                                           : ContentCoding::kIdentity;
}

}  // namespace matricula::http
