// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.callosum.update.AppUpdates;
import org.callosum.update.UpdatePlan;
import org.callosum.update.UpdateReport;

/** Records what is asked for, and answers what it is told to. */
final class FakeUpdates implements AppUpdates {
    private final UpdateReport report;
    private final UpdatePlan plan;

    /** What was asked for. */
    final List<String> asked = new ArrayList<>();

    FakeUpdates(UpdateReport report, UpdatePlan plan) {
        this.report = report;
        this.plan = plan;
    }

    @Override
    public UpdateReport install(String place) {
        return answer("install " + place, report);
    }

    @Override
    public UpdateReport update(String app, Optional<String> place) {
        return answer("update " + app + " " + place, report);
    }

    @Override
    public UpdateReport remove(String app) {
        return answer("remove " + app, report);
    }

    @Override
    public UpdatePlan planUpdate(String app, Optional<String> place) {
        return answer("plan to update " + app + " " + place, plan);
    }

    @Override
    public UpdatePlan planRemove(String app) {
        return answer("plan to remove " + app, plan);
    }

    private <T> T answer(String question, T answer) {
        asked.add(question);
        return answer;
    }
}
