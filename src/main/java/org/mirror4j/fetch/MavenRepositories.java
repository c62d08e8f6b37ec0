package org.mirror4j.fetch;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;
import org.mirror4j.file.FileException;

/** Artifacts, as Maven itself would get them: with the user's settings, mirrors and credentials. */
final class MavenRepositories {
  private MavenRepositories() {}

  /**
   * The file of an artifact in the local repository, downloaded where it is not there.
   *
   * @param artifact {@code GROUP:ARTIFACT:VERSION}, a jar
   * @throws FetchException if no repository has it, or none can be reached
   */
  static Path resolve(String artifact, FetchListener listener) {
    ContextOverrides settings =
        ContextOverrides.create()
            .withUserSettings(true)
            .transferListener(new Transfers(listener))
            .build();
    try (Context maven = Runtimes.INSTANCE.getRuntime().create(settings)) {
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
          "%s: not to be had from Maven's repositories: %s"
              .formatted(artifact, FileException.clean(String.valueOf(e.getMessage()))),
          e);
    }
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
