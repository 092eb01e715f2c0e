package toc

import (
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/tree"
)

var queries = tree.Queries[*string]{
	GetLive: tree.LiveNodes((*nmsdb.Queries).CommandTOCGetLive),
	Hold:    tree.Hold[*string]((*nmsdb.Queries).CommandTOCHold), LockShape: (*nmsdb.Queries).CommandTOCLockTree,
	Insert:  tree.Insert[*string]((*nmsdb.Queries).CommandTOCInsert),
	Update:  tree.Update[*string]((*nmsdb.Queries).CommandTOCUpdate),
	Rename:  tree.Rename[*string]((*nmsdb.Queries).CommandTOCRename),
	Archive: (*nmsdb.Queries).CommandTOCArchive, Restore: (*nmsdb.Queries).CommandTOCRestore,
	Present: tree.Present[*string]((*nmsdb.Queries).CommandTOCCurrent), Past: tree.Past((*nmsdb.Queries).CommandTOCHistory),
	All:     tree.All((*nmsdb.Queries).CommandTOCList),
	ByID:    tree.Choose((*nmsdb.Queries).CommandTOCListByID),
	ByName:  tree.Choose((*nmsdb.Queries).CommandTOCListByName),
	Subtree: tree.Choose((*nmsdb.Queries).CommandTOCListSubtree), SubtreeByName: tree.Choose((*nmsdb.Queries).CommandTOCListSubtreeByName),
	Search: tree.Choose((*nmsdb.Queries).CommandTOCSearch), Names: tree.Names((*nmsdb.Queries).CommandTOCNames),
	Children: tree.Refs((*nmsdb.Queries).CommandTOCChildren), ChildCount: (*nmsdb.Queries).CommandTOCChildrenCount,
	Descendants: (*nmsdb.Queries).CommandTOCDescendantsCount,
	Commands:    tree.Refs((*nmsdb.Queries).CommandsOfSection), CommandCount: (*nmsdb.Queries).CommandsOfSectionCount,
}
