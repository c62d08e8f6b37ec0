package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;

/** What an encoder needs of the Java that it runs in, and what it leaves of it. */
@Timeout(60)
class EncoderProcessTest {
  private static final EncoderSettings CPU =
      EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(2).withEngines(2);

  /** Says how long the vector is, or what is wrong. */
  static final class Embedding {
    private Embedding() {}

    /** Loads and does not close. */
    public static void main(String[] arguments) {
      try {
        Encoder encoder = Encoder.bundled(CPU);
        System.out.println(encoder.embed("a cup of tea").length + " elements");
        Reference.reachabilityFence(encoder);
      } catch (Mirror4jException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** Tunes and embeds on a thread whose loader knows nothing but Java. */
  static final class OtherLoader {
    private OtherLoader() {}

    /** Says the same as {@link Embedding}. */
    public static void main(String[] arguments) {
      Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
      try {
        MirrorTuning.ofBundled()
            .withDevice(DeviceChoice.CPU)
            .withThreads(1)
            .words(List.of("tea", "coffee"))
            .run(Path.of(System.getProperty("output")));
      } catch (Mirror4jException e) {
        System.out.println(e.getMessage());
      }
      Embedding.main(arguments);
    }
  }

  @TempDir Path folder;

  /** As applications have it that another loader brings: Spark's, those of servers. */
  @Test
  void theLoaderOfTheCallingThreadMattersNot() {
    assertThat(
            ForkedJava.run(OtherLoader.class, name -> false, "-Doutput=" + folder.resolve("tuned")))
        .isEqualTo("256 elements");
  }

  /** Nothing but daemons is left, so the program ends; nothing is left of the bundled model. */
  @Test
  void anEncoderThatIsNeverClosedLetsTheProgramEnd() {
    assertThat(ForkedJava.run(Embedding.class, name -> false)).isEqualTo("256 elements");
  }

  @Test
  void withoutTheVectorModuleTheFlagIsNamed() {
    assertThat(ForkedJava.runWithoutModules(Embedding.class))
        .isEqualTo(
            "jdk.incubator.vector cannot be loaded by Java %s: start it with --add-modules"
                + " jdk.incubator.vector --enable-native-access=ALL-UNNAMED",
            Runtime.version());
  }

  /** As the launcher of the command line does: no warning of an incubating module then. */
  @Test
  void theVectorModuleIsLoadedLateWhereJavaAllowsIt() {
    assertThat(
            ForkedJava.runWithoutModules(
                Embedding.class, "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED"))
        .isEqualTo("256 elements");
  }
}
