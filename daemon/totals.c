// SPDX-License-Identifier: GPL-2.0-or-later
#include "totals.h"

struct totals totals;
