-- The ledger's tables. `entries` is the ledger; the others are told from it (book.py) and checked against it (checking.py).
CREATE TABLE entries (seq INTEGER PRIMARY KEY, prev TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE pieces (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries (seq), issue INTEGER NOT NULL REFERENCES entries (seq),
    first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (last >= first), account TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE INDEX pieces_of_issue ON pieces (issue);
CREATE TABLE issued (first INTEGER PRIMARY KEY, last INTEGER NOT NULL CHECK (last >= first), issue INTEGER NOT NULL UNIQUE REFERENCES entries (seq)) STRICT;
CREATE TABLE lands (
    entry INTEGER PRIMARY KEY REFERENCES entries (seq), project TEXT NOT NULL, boundary TEXT NOT NULL, area_m2 TEXT NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE INDEX lands_of_project ON lands (project);
CREATE TABLE parts (id INTEGER PRIMARY KEY, land INTEGER NOT NULL REFERENCES lands (entry), name TEXT NOT NULL, wkb BLOB NOT NULL) STRICT;
CREATE INDEX parts_of_land ON parts (land);
CREATE VIRTUAL TABLE boxes USING rtree (id, west, east, south, north);
CREATE TABLE claims (
    issue INTEGER PRIMARY KEY REFERENCES entries (seq), land INTEGER NOT NULL REFERENCES lands (entry), project TEXT NOT NULL, vintage INTEGER,
    start TEXT NOT NULL, "end" TEXT NOT NULL CHECK ("end" > start), pools TEXT NOT NULL, manifest TEXT NOT NULL
) STRICT;
CREATE INDEX claims_of_land ON claims (land);
CREATE INDEX claims_of_project ON claims (project, vintage);
CREATE INDEX claims_of_manifest ON claims (manifest);
CREATE TABLE keys (entry INTEGER PRIMARY KEY REFERENCES entries (seq), project TEXT NOT NULL, key TEXT NOT NULL) STRICT;
CREATE INDEX keys_of_project ON keys (project, entry);
CREATE TABLE accounts (entry INTEGER PRIMARY KEY REFERENCES entries (seq), project TEXT NOT NULL, manifest TEXT NOT NULL) STRICT;
CREATE INDEX accounts_of_project ON accounts (project, entry);
CREATE TABLE freed (issue INTEGER PRIMARY KEY REFERENCES claims (issue), entry INTEGER NOT NULL REFERENCES entries (seq)) STRICT;

CREATE TRIGGER entries_in_order BEFORE INSERT ON entries BEGIN
    SELECT RAISE (ABORT, 'seq is not the next one') WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries);
    SELECT RAISE (ABORT, 'prev is not the last hash')
    WHERE NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000');
END;
CREATE TRIGGER issued_once BEFORE INSERT ON issued BEGIN
    SELECT RAISE (ABORT, 'units are issued already') WHERE NEW.first <= (SELECT last FROM issued ORDER BY first DESC LIMIT 1);
END;
CREATE TRIGGER claimed_once BEFORE INSERT ON claims WHEN NEW.manifest <> '' BEGIN
    SELECT RAISE (ABORT, 'this vintage is issued already')
    WHERE EXISTS (SELECT 1 FROM claims WHERE project = NEW.project AND vintage = NEW.vintage AND issue NOT IN (SELECT issue FROM freed));
END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE (ABORT, 'entries stay'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE (ABORT, 'entries remain'); END;
CREATE TRIGGER pieces_stay BEFORE UPDATE ON pieces BEGIN SELECT RAISE (ABORT, 'pieces stay'); END;
CREATE TRIGGER pieces_remain BEFORE DELETE ON pieces BEGIN SELECT RAISE (ABORT, 'pieces remain'); END;
CREATE TRIGGER issued_stay BEFORE UPDATE ON issued BEGIN SELECT RAISE (ABORT, 'issued stay'); END;
CREATE TRIGGER issued_remain BEFORE DELETE ON issued BEGIN SELECT RAISE (ABORT, 'issued remain'); END;
CREATE TRIGGER lands_stay BEFORE UPDATE ON lands BEGIN SELECT RAISE (ABORT, 'lands stay'); END;
CREATE TRIGGER lands_remain BEFORE DELETE ON lands BEGIN SELECT RAISE (ABORT, 'lands remain'); END;
CREATE TRIGGER parts_stay BEFORE UPDATE ON parts BEGIN SELECT RAISE (ABORT, 'parts stay'); END;
CREATE TRIGGER parts_remain BEFORE DELETE ON parts BEGIN SELECT RAISE (ABORT, 'parts remain'); END;
CREATE TRIGGER claims_stay BEFORE UPDATE ON claims BEGIN SELECT RAISE (ABORT, 'claims stay'); END;
CREATE TRIGGER claims_remain BEFORE DELETE ON claims BEGIN SELECT RAISE (ABORT, 'claims remain'); END;
CREATE TRIGGER keys_stay BEFORE UPDATE ON keys BEGIN SELECT RAISE (ABORT, 'keys stay'); END;
CREATE TRIGGER keys_remain BEFORE DELETE ON keys BEGIN SELECT RAISE (ABORT, 'keys remain'); END;
CREATE TRIGGER accounts_stay BEFORE UPDATE ON accounts BEGIN SELECT RAISE (ABORT, 'accounts stay'); END;
CREATE TRIGGER accounts_remain BEFORE DELETE ON accounts BEGIN SELECT RAISE (ABORT, 'accounts remain'); END;
CREATE TRIGGER freed_stay BEFORE UPDATE ON freed BEGIN SELECT RAISE (ABORT, 'freed stay'); END;
CREATE TRIGGER freed_remain BEFORE DELETE ON freed BEGIN SELECT RAISE (ABORT, 'freed remain'); END;
