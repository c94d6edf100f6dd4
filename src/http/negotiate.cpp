#include "http/negotiate.h"

#include <algorithm>

#include "base/ascii.h"
#include "http/field_text.h"

namespace matricula::http {
namespace {

constexpr int kQualityMax = 1000;  // qualities are thousandths: three digits at most

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), ascii_lower);
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
  const std::string_view member = without_blanks(rest.substr(0, end));
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

// A member of Accept or Accept-Encoding: a name, its weight, and its charset.
struct Member {
  std::string_view name;
  int quality = kQualityMax;
  std::string charset = {};
};

// A weight or a parameter that cannot be read counts as weight 1, as on most servers: a client
// rarely names a type that it does not accept.
Member parse_member(std::string_view text) {
  Member member{.name = take_member(text, ';')};
  bool readable = true;
  while (!text.empty()) {
    const std::string_view piece = take_member(text, ';');
    if (piece.empty()) {
      continue;  // RFC 9110 section 5.6.6 allows empty parameters
    }
    const auto parameter = parse_parameter(piece);
    if (!parameter) {
      readable = false;
    } else if (same_name(parameter->name, "q")) {
      const auto quality = parse_quality(parameter->value);
      readable = readable && quality;
      member.quality = quality.value_or(kQualityMax);
      break;  // what follows extends Accept and says nothing of the type
    } else if (same_name(parameter->name, "charset")) {
      member.charset = lower(parameter->value);
    }
  }
  member.quality = readable ? member.quality : kQualityMax;
  return member;
}

bool is_utf8_name(std::string_view charset) {
  return charset == "utf-8" || charset == "utf8";
}

bool is_foreign(const Member& range) {
  return !range.charset.empty() && !is_utf8_name(range.charset);
}

// JSON was once sent in these charsets too (RFC 7159 section 8.1), so a client that names one asks
// for something that is not offered. Others were never used for JSON: clients name them by habit.
bool is_never_sent(const Member& range) {
  return range.charset.starts_with("utf-16") || range.charset.starts_with("utf-32");
}

// How specifically the range matches the offer; 0: it does not.
int match(const Member& range, std::string_view offer) {
  const int bonus = range.charset.empty() ? 0 : 1;
  if (same_name(range.name, offer)) {
    return 5 + bonus;
  }
  const std::string_view type = offer.substr(0, offer.find('/') + 1);
  if (range.name.size() == type.size() + 1 && range.name.back() == '*' &&
      same_name(range.name.substr(0, type.size()), type)) {
    return 3 + bonus;
  }
  return range.name == "*/*" || range.name == "*" ? 1 + bonus : 0;
}

// Calls `use` with each member and its place in the list.
template <typename Use>
void for_each_member(std::string_view list, Use&& use) {
  for (std::size_t place = 0; !list.empty() && place < kListMembersMax; ++place) {
    const Member member = parse_member(take_member(list, ','));
    if (!member.name.empty()) {
      use(member, place);
    }
  }
}

// The weight of something, and where in the list it was given.
struct Wish {
  int quality = 0;
  std::size_t place = kListMembersMax;

  bool is_before(const Wish& other) const {
    return quality != other.quality ? quality > other.quality : place < other.place;
  }
};

// The best offer by the ranges with our charset, or by those with another one.
std::optional<std::size_t> best_offer_in(std::string_view accept,
                                         std::initializer_list<std::string_view> offers,
                                         bool foreign) {
  std::optional<std::size_t> best;
  Wish best_wish;
  std::size_t index = 0;
  for (const std::string_view offer : offers) {
    Wish wish;
    int specificity = 0;
    for_each_member(accept, [&](const Member& member, std::size_t place) {
      const int matched =
          is_foreign(member) == foreign && !is_never_sent(member) ? match(member, offer) : 0;
      if (matched > specificity) {
        specificity = matched;
        wish = {.quality = member.quality, .place = place};
      }
    });
    if (wish.quality > 0 && (!best || wish.is_before(best_wish))) {
      best_wish = wish;
      best = index;
    }
    ++index;
  }
  return best;
}

// The preference for each coding that an Accept-Encoding names; the place of a coding that only "*"
// stands for is that of "*", gzip before identity.
struct CodingWishes {
  Wish identity;
  Wish gzip;
  Wish zstd;
};

CodingWishes coding_wishes(std::string_view accept_encoding) {
  std::optional<Wish> identity;
  std::optional<Wish> gzip;
  std::optional<Wish> zstd;
  std::optional<Wish> others;
  for_each_member(accept_encoding, [&](const Member& member, std::size_t place) {
    const Wish wish{.quality = member.quality, .place = 2 * place};
    if (same_name(member.name, "identity")) {
      identity = wish;
    } else if (same_name(member.name, "gzip") || same_name(member.name, "x-gzip")) {
      gzip = wish;
    } else if (same_name(member.name, "zstd")) {
      zstd = wish;
    } else if (member.name == "*") {
      others = wish;
    }
  });
  CodingWishes wishes{.identity = identity.value_or(Wish{}),
                      .gzip = gzip.value_or(others.value_or(Wish{})),
                      .zstd = zstd.value_or(Wish{})};
  if (!identity && others) {
    wishes.identity = {.quality = others->quality, .place = others->place + 1};
  }
  return wishes;
}

bool is_chosen(const Wish& wish, const Wish& identity) {
  return wish.quality > 0 && wish.is_before(identity);
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
    if (parameter && same_name(parameter->name, "charset") && !parameter->value.empty()) {
      const std::string charset = lower(parameter->value);
      if (!media.charset.empty() && media.charset != charset) {
        return std::nullopt;
      }
      media.charset = charset;
    }
  }
  return media;
}

bool is_utf8_json(const std::optional<MediaType>& media) {
  return media && media->is("application/json") &&
         (media->charset.empty() || is_utf8_name(media->charset) || media->charset == "us-ascii");
}

std::optional<Response> refuse_body_type(const Request& request) {
  const auto field = request.header("Content-Type");
  if (is_utf8_json(field ? parse_media_type(*field) : std::nullopt)) {
    return std::nullopt;
  }
  return error_response(415, "The body must be sent as Content-Type: application/json (UTF-8).");
}

std::optional<std::string> list_field(const Request& request, std::string_view name) {
  std::optional<std::string> all;
  for (const Header& header : request.headers) {
    if (same_name(header.name, name)) {
      all = all ? *all + "," + std::string(header.value) : std::string(header.value);
    }
  }
  return all;
}

std::optional<std::size_t> best_offer(std::optional<std::string_view> accept,
                                      std::initializer_list<std::string_view> offers) {
  bool names_any = false;
  for_each_member(accept.value_or(""), [&](const Member&, std::size_t) { names_any = true; });
  if (!names_any) {
    return 0;
  }
  const auto best = best_offer_in(*accept, offers, false);
  return best ? best : best_offer_in(*accept, offers, true);
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
  const CodingWishes wishes = coding_wishes(accept_encoding.value_or(""));
  return is_chosen(wishes.gzip, wishes.identity);
}

ContentCoding best_coding(std::optional<std::string_view> accept_encoding) {
  const CodingWishes wishes = coding_wishes(accept_encoding.value_or(""));
  if (is_chosen(wishes.zstd, wishes.identity) && wishes.zstd.is_before(wishes.gzip)) {
    return ContentCoding::kZstd;
  }
  return is_chosen(wishes.gzip, wishes.identity) ? ContentCoding::kGzip : ContentCoding::kIdentity;
}

}  // namespace matricula::http
