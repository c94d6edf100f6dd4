#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace matricula::exchange {

struct Person {
  std::string id;  // a UUID of version 4's form
  std::string email;
  std::string first_name;
  std::string last_name;
};

// The person of that number: always the same for a seed, so that no list of people is needed. Names
// are in many scripts, some need escaping, and some addresses are in mixed case.
Person person_of(std::uint64_t seed, std::uint64_t number, const std::string& domain);
std::string person_id(std::uint64_t seed, std::uint64_t number);

// The bits of a person's id, in whose order export writes people.
struct PersonKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const PersonKey&) const = default;
};
PersonKey person_key(std::uint64_t seed, std::uint64_t number);

}  // namespace matricula::exchange
