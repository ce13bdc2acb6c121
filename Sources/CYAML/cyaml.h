// libyaml's parser, of the system's package.
#include <yaml.h>
