// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats.h"

struct stats stats;
