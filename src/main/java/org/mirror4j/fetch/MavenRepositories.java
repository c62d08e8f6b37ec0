package org.mirror4j.fetch;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.TransferEvent;
import org.mirror4j.file.FileException;

/** Artifacts, as Maven itself would get them: with the user's settings, mirrors and credentials. */
final class MavenRepositories {
  private MavenRepositories() {}

  /**
   * The file of an artifact in the local repository, downloaded where it is not there.
   *
   * @param artifact {@code GROUP:ARTIFACT:VERSION}, a jar
   * @throws FetchException if no repository has it, none can be reached, or the user's settings
   *     cannot be read
   */
  static Path resolve(String artifact, FetchListener listener) {
    return resolve(artifact, listener, ContextOverrides.create().withUserSettings(true));
  }

  /** The same with other settings than the user's. */
  static Path resolve(String artifact, FetchListener listener, ContextOverrides.Builder settings) {
    settings.transferListener(new Transfers(listener));
    try (Context maven = Runtimes.INSTANCE.getRuntime().create(settings.build())) {
      ArtifactRequest request =
          new ArtifactRequest(new DefaultArtifact(artifact), maven.remoteRepositories(), null);
      return maven
          .repositorySystem()
          .resolveArtifact(maven.repositorySystemSession(), request)
          .getArtifact()
          .getFile()
          .toPath();
    } catch (ArtifactResolutionException e) {
      throw new FetchException(
          "%s: not to be had from Maven's repositories: %s".formatted(artifact, reason(root(e))),
          e);
    } catch (IllegalStateException e) {
      if (root(e) instanceof SettingsBuildingException wrong) {
        String problem = wrong.getProblems().getFirst().getMessage();
        throw new FetchException("Maven's settings: " + FileException.clean(problem), e);
      }
      throw e;
    }
  }

  /** What is above it repeats the artifact at length, or says less. */
  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && !(root instanceof SettingsBuildingException)) {
      root = root.getCause();
    }
    return root;
  }

  private static String reason(Throwable root) {
    if (root instanceof ArtifactNotFoundException absent && absent.getRepository() != null) {
      return "it is not in %s (%s)"
          .formatted(absent.getRepository().getId(), absent.getRepository().getHost());
    }
    return FileException.clean(Objects.requireNonNullElse(root.getMessage(), "no reason given"));
  }

  /** Hears of jars alone: the checksums beside them are soon there. */
  private static final class Transfers extends AbstractTransferListener {
    private final FetchListener listener;
    private String current = "";

    Transfers(FetchListener listener) {
      this.listener = listener;
    }

    @Override
    public synchronized void transferStarted(TransferEvent event) {
      String name = event.getResource().getResourceName();
      if (name.endsWith(".jar")) {
        current = name;
        listener.begins(
            name.substring(name.lastIndexOf('/') + 1),
            event.getResource().getResumeOffset(),
            event.getResource().getContentLength());
      }
    }

    @Override
    public synchronized void transferProgressed(TransferEvent event) {
      if (isCurrent(event)) {
        listener.at(event.getTransferredBytes());
      }
    }

    @Override
    public synchronized void transferSucceeded(TransferEvent event) {
      end(event);
    }

    @Override
    public synchronized void transferFailed(TransferEvent event) {
      end(event);
    }

    private void end(TransferEvent event) {
      if (isCurrent(event)) {
        current = "";
        listener.ends();
      }
    }

    private boolean isCurrent(TransferEvent event) {
      return event.getResource().getResourceName().equals(current);
    }
  }
}
