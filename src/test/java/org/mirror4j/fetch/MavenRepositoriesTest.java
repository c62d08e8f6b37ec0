package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.maveniverse.maven.mima.context.ContextOverrides;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Artifacts by way of Maven's resolver, its only repository a server of this process. */
class MavenRepositoriesTest {
  private static final String ARTIFACT = "some.group:tiny:1";
  private static final String JAR = "/some/group/tiny/1/tiny-1.jar";

  @TempDir Path folder;

  private Path resolve(String settings) throws IOException {
    Path file = Files.writeString(folder.resolve("settings.xml"), settings);
    return MavenRepositories.resolve(
        ARTIFACT,
        new SilentListener(),
        ContextOverrides.create()
            .withUserSettings(true)
            .withUserSettingsXmlOverride(file)
            .withLocalRepositoryOverride(folder.resolve("repository")));
  }

  private static String mirror(Object address) {
    return """
    <settings><mirrors><mirror>
      <id>here</id><mirrorOf>*</mirrorOf><url>%s</url>
    </mirror></mirrors></settings>
    """
        .formatted(address);
  }

  @Test
  void aJarComesFromTheMirrorThatTheSettingsName() throws IOException {
    byte[] content = "a jar".getBytes(StandardCharsets.US_ASCII);
    try (HubServer server = new HubServer()) {
      server.fault("GET " + JAR, exchange -> HubServer.send(exchange, content));
      Path jar = resolve(mirror(server.address()));
      assertThat(jar).startsWith(folder.resolve("repository")).hasBinaryContent(content);
      assertThat(resolve(mirror("http://127.0.0.1:9"))).as("it is there").isEqualTo(jar);
    }
  }

  @Test
  void whyThereIsNoneIsSaid() throws IOException {
    try (HubServer server = new HubServer()) {
      String settings = mirror(server.address());
      assertThatThrownBy(() -> resolve(settings))
          .isInstanceOf(FetchException.class)
          .hasMessage(
              ARTIFACT
                  + ": not to be had from Maven's repositories: it is not in here (127.0.0.1)");
    }
    assertThatThrownBy(() -> resolve(mirror("http://127.0.0.1:9")))
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith(ARTIFACT + ": not to be had from Maven's repositories: ")
        .hasMessageEndingWith("Connection refused");
    assertThatThrownBy(() -> resolve("<settings><mirrors>"))
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith(
            "Maven's settings: Non-readable settings " + folder.resolve("settings.xml"))
        .message()
        .doesNotContain("\n");
  }
}
