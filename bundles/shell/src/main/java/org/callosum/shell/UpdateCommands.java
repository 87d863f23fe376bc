// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Optional;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.update.AppUpdates;
import org.callosum.update.UpdateException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The commands that change apps. They are there while the bundle {@code org.callosum.update} is. */
@Component(
        service = UpdateCommands.class,
        property = {
            "osgi.command.scope=callosum",
            "osgi.command.function=install",
            "osgi.command.function=update",
            "osgi.command.function=remove"
        })
public final class UpdateCommands extends Command {
    private final AppUpdates updates;

    /** Changes apps with these. */
    @Activate
    public UpdateCommands(@Reference AppUpdates updates) {
        this.updates = updates;
    }

    /**
     * {@code install <place>}.
     *
     * @throws UpdateException if it was not installed
     */
    @Descriptor("Installs an app and starts it.")
    public void install(CommandSession session, @Descriptor("where its jar is: a URL, or a path") CharSequence... place)
            throws UpdateException {
        if (session == null) {
            throw Usage.INSTALL
                    .unset(); // Gogo takes the first word, which is nothing, for the session: nothing is of any type
        }
        String wanted = Usage.INSTALL.required("jar", place);
        CtrlC ctrlC = CtrlC.of(session);
        String report;
        try {
            report = UpdateView.text(updates.install(wanted));
        } finally {
            ctrlC.close();
        }
        System.out.print(report);
    }

    /**
     * {@code update [-n] <app> [<place>]}.
     *
     * @throws UpdateException if it was not updated
     */
    @Descriptor(
            "Updates an app: update <app> [<place>]. Shows the old and the new version, how many events were parked for"
                    + " how long and what became of them, which bundles were refreshed and why, and whether the old version is gone:"
                    + " if not, which threads and thread locals hold it. It waits for parked events up to 15 s, and collects the"
                    + " garbage several times.")
    public void update(
            CommandSession session,
            @Descriptor("only show what would be refreshed, and whether the new version has what it requires")
                    @Parameter(
                            names = {"-n", "--dry-run"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean isDryRun,
            @Descriptor(
                            "the app's name, or its bundle's symbolic name or id; and where the new version is, a URL or a path:"
                                    + " where the app was installed from if it is left out")
                    CharSequence... appAndPlace)
            throws UpdateException {
        List<String> words = Usage.UPDATE.words(2, appAndPlace);
        if (words.isEmpty()) {
            throw Usage.UPDATE.missing("app");
        }
        String app = words.get(0);
        Optional<String> place = words.stream().skip(1).findFirst();
        CtrlC ctrlC = CtrlC.of(session);
        String report;
        try {
            report = isDryRun
                    ? UpdateView.text(updates.planUpdate(app, place))
                    : UpdateView.text(updates.update(app, place));
        } finally {
            ctrlC.close();
        }
        System.out.print(report);
    }

    /**
     * {@code remove [-n] <app>}.
     *
     * @throws UpdateException if it was not removed
     */
    @Descriptor("Removes an app: remove <app>. Shows which bundles were refreshed and why, and whether it is gone, as"
            + " 'update' does. A jar in the apps' folder is deleted.")
    public void remove(
            CommandSession session,
            @Descriptor("only show what would be refreshed")
                    @Parameter(
                            names = {"-n", "--dry-run"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean isDryRun,
            @Descriptor("the app's name, or its bundle's symbolic name or id") CharSequence... app)
            throws UpdateException {
        String name = Usage.REMOVE.required("app", app);
        CtrlC ctrlC = CtrlC.of(session);
        String report;
        try {
            report = isDryRun ? UpdateView.text(updates.planRemove(name)) : UpdateView.text(updates.remove(name));
        } finally {
            ctrlC.close();
        }
        System.out.print(report);
    }
}
