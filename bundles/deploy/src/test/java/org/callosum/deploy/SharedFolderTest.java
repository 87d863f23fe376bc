// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.apache.felix.framework.FrameworkFactory;
import org.callosum.update.Jar;
import org.callosum.update.JarContent;
import org.callosum.update.bundles.FrameworkChanges;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

import static org.assertj.core.api.Assertions.assertThat;

/** Which jars are apps in a folder that others deploy from, too, as in Karaf. */
class SharedFolderTest {
    @TempDir
    Path folder;

    private Path jars;
    private Framework framework;
    private BundleContext context;
    private AppBundles apps;

    @BeforeEach
    void start() throws Exception {
        jars = Files.createDirectories(folder.resolve("deploy"));
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString(), "felix.log.level", "0"));
        framework.start();
        context = framework.getBundleContext();
        apps = new AppBundles(context, jars, true, new FrameworkChanges(context, Duration.ofSeconds(1)));
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void aNewJarIsAnAppByItsHeaderOrByItsImportOfTheApi() throws Exception {
        assertThat(claims(Jar.bundle("a", "1.0.0").header("Callosum-App", "a"))).isTrue();
        for (String imports : List.of(
                "org.callosum.api", "a.b,org.callosum.api;version=\"[1.0,2)\",c.d", "a.b, org.callosum.api ,c")) {
            assertThat(claims(Jar.bundle("a", "1.0.0").header("Import-Package", imports)))
                    .as(imports)
                    .isTrue();
        }
    }

    @Test
    void everyOtherJarIsLeftToOthers() throws Exception {
        assertThat(claims(Jar.bundle("a", "1.0.0"))).isFalse();
        for (String imports :
                List.of("org.callosum.apis", "my.org.callosum.api", "org.callosum.api.more,org.osgi.framework")) {
            assertThat(claims(Jar.bundle("a", "1.0.0").header("Import-Package", imports)))
                    .as(imports)
                    .isFalse();
        }
        assertThat(claims(Jar.plain())).isFalse();
        assertThat(apps.claims(Jar.write(jars.resolve("half.jar"), half(app("1.0.0")))))
                .isFalse();
    }

    @Test
    void anAppStaysOneWhileItsJarIsOnlyHalfThere() throws Exception {
        Path jar = jars.resolve("a.jar");
        apps.install(jar, JarContent.read(app("1.0.0").writeTo(jar), folder.resolve("copy.jar")));

        Jar.write(jar, half(app("2.0.0")));

        assertThat(apps.claims(jar)).isTrue();
    }

    @Test
    void anAppThatFileInstallHadInstalledIsTakenOver() throws Exception {
        Path jar = app("1.0.0").writeTo(jars.resolve("a.jar"));
        Path other = Jar.bundle("other", "1.0.0").writeTo(jars.resolve("other.jar"));
        Bundle app = context.installBundle(jar.toFile().toURI().toString());
        Bundle theirs = context.installBundle(other.toFile().toURI().toString());

        assertThat(apps.of(jar)).contains(app);
        assertThat(apps.otherOf("a", jar)).isEmpty();
        assertThat(AppBundles.jar(app)).isEqualTo(jar);
        assertThat(apps.of(other)).isEmpty();
        assertThat(apps.all()).contains(app).doesNotContain(theirs);
    }

    @Test
    void whatAnOperatorInstalledHereIsKeptWhateverItIs() throws Exception {
        Path jar = Jar.bundle("a", "1.0.0").writeTo(jars.resolve("a.jar"));

        context.installBundle(AppBundles.location(jar));

        assertThat(apps.claims(jar)).isTrue();
    }

    @Test
    void anAppStartsWithThoseThatComeLater() throws Exception {
        framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(80);
        Path jar = jars.resolve("a.jar");

        Bundle app = apps.install(jar, JarContent.read(app("1.0.0").writeTo(jar), folder.resolve("copy.jar")));

        assertThat(app.adapt(BundleStartLevel.class).getStartLevel()).isEqualTo(80);
    }

    private boolean claims(Jar jar) throws IOException {
        return apps.claims(jar.writeTo(jars.resolve("new.jar")));
    }

    private static Jar app(String version) {
        return Jar.bundle("a", version).header("Callosum-App", "a");
    }

    private static byte[] half(Jar jar) {
        byte[] bytes = jar.bytes();
        return Arrays.copyOf(bytes, bytes.length / 2);
    }
}
