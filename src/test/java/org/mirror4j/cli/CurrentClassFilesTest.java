package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The library that the launcher rewrites: it says the same in its new format. */
class CurrentClassFilesTest {
  @TempDir Path folder;

  private static Path picocli() throws URISyntaxException {
    return Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static List<String> names(ZipFile jar) {
    return Collections.list(jar.entries()).stream().<String>map(ZipEntry::getName).toList();
  }

  @Test
  void everyClassIsOfAFormatThatCanBeArchived() throws IOException, URISyntaxException {
    Path copy = folder.resolve("copy.jar");
    CurrentClassFiles.copy(picocli(), copy);
    try (ZipFile before = new ZipFile(picocli().toFile());
        ZipFile after = new ZipFile(copy.toFile())) {
      assertThat(names(after)).isEqualTo(names(before));
      for (ZipEntry entry : Collections.list(after.entries())) {
        try (InputStream in = after.getInputStream(entry);
            InputStream old = before.getInputStream(before.getEntry(entry.getName()))) {
          if (entry.getName().endsWith(".class")) {
            assertThat(ClassFile.of().parse(in.readAllBytes()).majorVersion())
                .as(entry.getName())
                .isGreaterThanOrEqualTo(ClassFile.JAVA_6_VERSION);
          } else {
            assertThat(in.readAllBytes()).as(entry.getName()).isEqualTo(old.readAllBytes());
          }
        }
      }
    }
  }

  /** All classes link, so all frames fit their code; and a program says the same to the letter. */
  @Test
  void theLibraryDoesWhatItDid() throws Exception {
    Path copy = folder.resolve("copy.jar");
    CurrentClassFiles.copy(picocli(), copy);
    URL here = Sample.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] path = {copy.toUri().toURL(), here};
    try (URLClassLoader classes = new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
        ZipFile jar = new ZipFile(copy.toFile())) {
      List<Class<?>> linked = new ArrayList<>();
      for (String name : names(jar)) {
        if (name.startsWith("picocli/") && name.endsWith(".class")) {
          String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
          linked.add(Class.forName(type, true, classes));
        }
      }
      assertThat(linked).hasSizeGreaterThan(200);
      Object sample = classes.loadClass(Sample.class.getName()).getConstructor().newInstance();
      assertThat(sample).isNotInstanceOf(Sample.class);
      assertThat(sample).hasToString(new Sample().toString()).asString().contains("17 of 4");
    }
  }

  /** A program with options, to be loaded with either form of the library. */
  @Command(
      name = "sample",
      mixinStandardHelpOptions = true,
      description = "A %% of ${COMMAND-NAME}.")
  public static final class Sample {
    @Option(names = "--number", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    int number;

    @Parameters(arity = "1..*")
    List<Path> files;

    /** The help and what two files and a wrong number come to. */
    @Override
    public String toString() {
      CommandLine commandLine = new CommandLine(this);
      String help = commandLine.getUsageMessage(CommandLine.Help.Ansi.ON);
      commandLine.parseArgs("a", "--number=17", "b");
      String parsed = number + " of 4, " + files;
      try {
        commandLine.parseArgs("--number=x");
        return help + parsed;
      } catch (CommandLine.ParameterException e) {
        return help + parsed + e.getMessage();
      }
    }
  }
}
