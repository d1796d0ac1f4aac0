// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/totals.h"

struct totals totals;
